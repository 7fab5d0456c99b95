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
	return s.stores["inventory"].engine.cheapest(c)
}

// metrics says what the product says under the same names.
func (s *shop) metrics(c *gin.Context) {
	units, groups := int64(0), int64(0)
	for _, at := range s.stores {
		for _, l := range at.lines() {
			units, groups = units+l.units.Load(), groups+l.groups.Load()
		}
	}
	c.String(http.StatusOK, "pangaea_ordering_reached_seconds_count{status=\"confirmed\"} %d\n"+
		"pangaea_database_group_size_sum %d\npangaea_database_group_size_count %d\n", s.confirmed.Load(), units, groups)
}

// SKUs is how many products are sold.
const SKUs = 200

// SKU names the nth of them.
func SKU(n int) string { return fmt.Sprintf("BENCH-%03d", n%SKUs) }

// stock puts the products into the database that sells them, if they are not there.
func (s *shop) stock() error {
	stocked := make(chan error, 1)
	s.stores["inventory"].steps.do(func(w writer) (err error) {
		for n := range SKUs {
			err = keep(err, w.write(addProduct, SKU(n)))
		}
		return err
	}, func(err error) { stocked <- err })
	return <-stocked
}
