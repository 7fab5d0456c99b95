package reference

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
)

func (s *shop) routes() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(gin.Recovery())
	engine.POST("/api/v1/orders", s.place)
	engine.GET("/api/v1/orders/:id", s.show)
	engine.GET("/api/v1/products", s.products)
	engine.GET("/metrics", s.metrics)
	return engine
}

// place answers when the order is durable.
func (s *shop) place(c *gin.Context) {
	var o order
	if err := c.ShouldBindJSON(&o); err != nil {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"detail": err.Error()})
		return
	}
	for range s.plan.asks {
		if _, err := s.cheapest(c); err != nil {
			c.JSON(http.StatusInternalServerError, gin.H{"detail": err.Error()})
			return
		}
	}
	o.ID = uuid.Must(uuid.NewV7()).String()
	durable := make(chan error, 1)
	s.run(first, &o, nil, func(err error) { durable <- err })
	if err := <-durable; err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"detail": err.Error()})
		return
	}
	c.JSON(http.StatusAccepted, gin.H{"id": o.ID, "status": "placed"})
}

func (s *shop) show(c *gin.Context) {
	at, ok := s.moments.Load(c.Param("id"))
	if !ok {
		c.JSON(http.StatusOK, gin.H{"history": []gin.H{}})
		return
	}
	c.JSON(http.StatusOK, gin.H{"history": []gin.H{{"status": "confirmed", "at": at.(time.Time).UTC()}}})
}

func (s *shop) products(c *gin.Context) {
	name, err := s.cheapest(c)
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"detail": err.Error()})
		return
	}
	c.JSON(http.StatusOK, gin.H{"items": []gin.H{{"name": name}}})
}

// cheapest reads a product.
func (s *shop) cheapest(c *gin.Context) (name string, err error) {
	err = s.files["inventory"].db.QueryRowContext(c, "SELECT name FROM products ORDER BY sku LIMIT 1").Scan(&name)
	return name, err
}

// metrics says what the product says under the same names.
func (s *shop) metrics(c *gin.Context) {
	units := int64(0)
	for _, f := range s.files {
		units += f.units.Load()
	}
	c.String(http.StatusOK, fmt.Sprintf("pangaea_ordering_reached_seconds_count{status=\"confirmed\"} %d\npangaea_database_group_size_sum %d\n",
		s.confirmed.Load(), units))
}

// SKUs is how many products are sold.
const SKUs = 200

// SKU names the nth of them.
func SKU(n int) string { return fmt.Sprintf("BENCH-%03d", n%SKUs) }

// stock puts the products into the file that sells them, if they are not there.
func (s *shop) stock() error {
	for n := range SKUs {
		stocked := make(chan error, 1)
		f := s.files["inventory"]
		f.do(func() error {
			return f.write("INSERT INTO products VALUES (?, 'A thing', 1999, 1000000000000) ON CONFLICT DO NOTHING", SKU(n))
		}, func(err error) { stocked <- err })
		if err := <-stocked; err != nil {
			return err
		}
	}
	return nil
}
