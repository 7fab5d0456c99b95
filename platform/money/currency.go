package money

import (
	"strings"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// The ISO 4217 currencies in circulation by the number of digits of their minor unit.
const (
	without = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
	two     = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF " +
		"CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF " +
		"IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR " +
		"MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD " +
		"SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER " +
		"ZAR ZMW ZWG"
	three = "BHD IQD JOD KWD LYD OMR TND"
	four  = "CLF UYW"
)

var exponents = func() map[string]int {
	byCode := map[string]int{}
	for digits, codes := range map[int]string{0: without, 2: two, 3: three, 4: four} {
		for _, code := range strings.Fields(codes) {
			byCode[code] = digits
		}
	}
	return byCode
}()

// Exponent returns how many decimals a currency has: 2 for GBP, 0 for JPY, 3 for KWD. A currency that
// ISO 4217 does not know is fault.Invalid.
func Exponent(currency string) (int, error) {
	digits, ok := exponents[currency]
	if !ok {
		return 0, fault.Wrong("currency", "%q is not an ISO 4217 code such as GBP", currency)
	}
	return digits, nil
}
