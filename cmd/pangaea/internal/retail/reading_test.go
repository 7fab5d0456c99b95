package retail_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/retail"
)

func TestTheSameFileInEveryForm(t *testing.T) {
	latin, marked := read(t, "testdata/latin1.csv"), read(t, "testdata/utf8-bom.csv")

	require.Equal(t, retail.Windows1252, latin.Files[0].Encoding)
	require.Equal(t, retail.UTF8, marked.Files[0].Encoding)
	require.Equal(t, latin.Products, marked.Products)
	require.Equal(t, latin.Sales, marked.Sales)
	require.Equal(t, `CAFÉ "PARIS" SIGN, LARGE`, latin.Products[0].Name)
	require.Equal(t, "£100 MONEY BOX", latin.Products[1].Name)
	require.Equal(t, []int64{12583, 17850}, latin.Customers)
	require.Equal(t, "2010-12-13 18:05:00", latin.Sales[1].At.Format("2006-01-02 15:04:05"))

	plain, packed := read(t, "testdata/rules.csv"), read(t, "testdata/rules.csv.gz")
	require.Equal(t, plain.Files[0].Hash, packed.Files[0].Hash)
	require.Equal(t, plain.Sales, packed.Sales)
}

func TestRefusalsNameLineColumnAndByte(t *testing.T) {
	content, err := os.ReadFile("testdata/broken.csv")
	require.NoError(t, err)
	report := read(t, "testdata/broken.csv").Report

	var got []string
	for _, r := range report.Refusals {
		got = append(got, fmt.Sprintf("%d:%d %s %s: %.14q", r.Line, r.Column, r.Field, r.Reason, content[r.Offset:]))
	}
	require.Equal(t, []string{
		`3:14  broken quotes: "\"NEVER CLOSED,"`,
		`4:22  broken quotes: " EARLY,1,2010-"`,
		`6:22  wrong number of columns: "1\n720006,10001"`,
		`7:72  wrong number of columns: "extra\n720007,1"`,
		`12:22 Quantity not a number: "six,2010-12-01"`,
		`13:24 InvoiceDate not a date: "2010-13-01 08:"`,
		`14:44 UnitPrice not a number: "2.555,17850.0,"`,
		`15:49 CustomerID not a number: "1.785E+04,Unit"`,
		`16:1 InvoiceNo not a number: "7.20013E+05,10"`,
		`17:8 StockCode missing value: ",RED MUG,6,201"`,
		`18:55 Country unknown country: "Atlantis\n72001"`,
		`20:49 CustomerID another customer than the invoice's: "13047,United K"`,
		`21:8 StockCode not a product code: "RED MUG!,RED M"`,
	}, got)
	require.Equal(t, 18, report.Lines)
	require.Equal(t, 5, report.LinesAccepted)
}

func TestHostileLinesAreRefusedOneByOne(t *testing.T) {
	content, err := os.ReadFile("testdata/hostile.csv")
	require.NoError(t, err)
	plan := read(t, "testdata/hostile.csv")

	var got []string
	for _, r := range plan.Report.Refusals {
		got = append(got, fmt.Sprintf("%d %s %s: %.8q", r.Line, r.Field, r.Reason, content[r.Offset:]))
	}
	require.Equal(t, []string{
		`3  bytes that are no text: "\x00UL,6,20"`,
		`4 Quantity beyond limits: "99999999"`,
		`5 Quantity beyond limits: "92233720"`,
		`6 Quantity beyond limits: "-9223372"`,
		`7 Quantity beyond limits: "1000000,"`,
		`8 InvoiceNo not a number: "../../et"`,
		`9 StockCode not a product code: "' OR 1=1"`,
		`10 Quantity not a number: "1e3,2010"`,
		`13  wrong number of columns: ",,,,,,,,"`,
		`14  broken quotes: "\"\"\"\"\"\"\"\""`,
		`15 CustomerID beyond limits: "99999999"`,
		`16 CustomerID not a number: "-5,Unite"`,
	}, got[:12])
	names := map[string]bool{}
	for _, p := range plan.Products {
		names[p.Name] = true
	}
	require.NotContains(t, names, "\x1b")
}

func TestFilesThatAreNoneOfOurs(t *testing.T) {
	for name, content := range map[string]string{
		"is empty":                          "",
		"no column UnitPrice":               "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,Price in GBP,CustomerID,Country\n",
		"has the column Country twice":      strings.Replace(header, "Description", "Country", 1),
		"is UTF-16":                         "\xff\xfeI\x00n\x00",
		"there is no header line":           "\n\n\n",
		"unexpected EOF":                    string(packed(t, []byte(header))[:20]),
		"the header at line 1, column 1":    `"` + header,
		"longer than 1000000 bytes":         string(packed(t, bytes.Repeat([]byte(" "), 1_000_001))),
		"more than 3 lines in all":          header + strings.Repeat("x\n", 4),
		"byte 0xff is not utf-8 text":       "",
		"is not a regular file":             "",
		"have the same content":             header,
		"no such file":                      "",
		"name at least one file":            "",
		"gzip: invalid header":              "\x1f\x8b\x00 and no more of it",
		"has no column InvoiceNo (it has x": "x,y\n",
	} {
		t.Run(name, func(t *testing.T) {
			options := retail.Defaults()
			options.MaxBytes, options.MaxLines = 1_000_000, 3
			paths := []string{write(t, content)}
			switch name {
			case "is not a regular file":
				paths = []string{t.TempDir()}
			case "have the same content":
				paths = append(paths, write(t, content))
			case "no such file":
				paths = []string{filepath.Join(t.TempDir(), "nowhere.csv")}
			case "name at least one file":
				paths = nil
			case "byte 0xff is not utf-8 text":
				options.Encoding = retail.UTF8
				paths = []string{write(t, "\xff"+header)}
			}
			_, err := retail.Read(context.Background(), paths, options)
			require.ErrorContains(t, err, name)
		})
	}
}

func TestADeclaredEncodingIsHeldTo(t *testing.T) {
	content := header + "1,10001,CAF\xc9,1,2010-12-01 08:00:00,1.00,,GB\n2,10001,\x81,1,2010-12-01 08:00:00,1.00,,GB\n"
	for encoding, refused := range map[retail.Encoding]int{retail.UTF8: 2, retail.Windows1252: 1, retail.Latin1: 0, retail.Detect: 1} {
		options := retail.Defaults()
		options.Encoding = encoding
		plan, err := retail.Read(context.Background(), []string{write(t, content)}, options)
		require.NoError(t, err)
		require.Equal(t, refused, plan.Report.LinesRefused, encoding)
		for _, r := range plan.Report.Refusals {
			require.GreaterOrEqual(t, content[r.Offset], byte(0x80))
		}
	}
	_, err := retail.ParseEncoding("ebcdic")
	require.Error(t, err)
}

func TestLongFieldsAndLinesAreRefused(t *testing.T) {
	good := "1,10001,MUG,1,2010-12-01 08:00:00,1.00,,GB\n"
	long := func(bytes int) string {
		return "2,10001," + strings.Repeat("x", bytes) + ",1,2010-12-01 08:00:00,1.00,,GB\n"
	}
	plan := read(t, write(t, header+long(retail.MaxField)+long(retail.MaxField+1)+long(1<<20)+good))

	require.Equal(t, 4, plan.Report.Lines)
	require.Equal(t, 2, plan.Report.LinesAccepted)
	require.Equal(t, "longer than allowed", plan.Report.Refusals[0].Reason)
}

func TestAnInvoiceHasAMostOfLines(t *testing.T) {
	line := "1,10001,MUG,1,2010-12-01 08:00:00,1.00,,GB\n"
	plan := read(t, write(t, header+strings.Repeat(line, retail.MaxItems+7)))

	require.Equal(t, retail.MaxItems, plan.Report.LinesAccepted)
	require.Equal(t, 7, plan.Report.LinesRefused)
	require.Equal(t, int64(700), plan.Report.ValueRefused)
	require.Equal(t, retail.MaxItems-1, plan.Report.LinesRepeated)
}

func TestAnInvoiceHasAMostOfFees(t *testing.T) {
	goods, fee := "1,10001,MUG,1,2010-12-01 08:00:00,1.00,,GB\n", "1,POST,POSTAGE,1,2010-12-01 08:00:00,1.00,,GB\n"
	plan := read(t, write(t, header+strings.Repeat(fee, retail.MaxCharges+3)+goods))

	require.Len(t, plan.Sales[0].Charges, retail.MaxCharges)
	require.Equal(t, 3, plan.Report.LinesRefused)
}

// Nothing but opening quotes must not make reading quadratic: this takes minutes if it does.
func TestOpeningQuotesDoNotSlowReadingDown(t *testing.T) {
	plan := read(t, write(t, header+strings.Repeat("\"\n\"x\n", 20_000)))
	require.Equal(t, plan.Report.Lines, plan.Report.LinesRefused)
}

func TestRecordsAreWhatTheStandardLibraryReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab,\"\n é")))
		row := rapid.SliceOfN(text, 8, 8)
		var file bytes.Buffer
		out := csv.NewWriter(&file)
		out.UseCRLF = rapid.Bool().Draw(t, "crlf")
		rows := rapid.SliceOfN(row, 1, 20).Draw(t, "rows")
		_ = out.WriteAll(rows)
		want, err := csv.NewReader(bytes.NewReader(file.Bytes())).ReadAll()
		require.NoError(t, err)

		got, refused := retail.Records(file.Bytes())

		require.Empty(t, refused)
		require.Equal(t, want, got)
	})
}

func packed(t *testing.T, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}
