package retail

import "strings"

// A Country is a name as the files write it and its ISO 3166 code.
type Country struct{ Name, Code string }

// home is where the shop is. Goods whose destination the file does not say go to its counter.
const home = "GB"

// countries are those of both editions of the data set. Three names are no countries: such goods are
// sent to the shop's own country, under the name that the file has.
var countries = func() map[string]Country {
	known := map[string]Country{}
	for name, code := range map[string]string{
		"": home, "Unspecified": home, "European Community": home, "West Indies": home,
		"Australia": "AU", "Austria": "AT", "Bahrain": "BH", "Belgium": "BE", "Bermuda": "BM", "Brazil": "BR",
		"Canada": "CA", "Channel Islands": "JE", "Cyprus": "CY", "Czech Republic": "CZ", "Denmark": "DK",
		"EIRE": "IE", "Ireland": "IE", "Finland": "FI", "France": "FR", "Germany": "DE", "Greece": "GR",
		"Hong Kong": "HK", "Iceland": "IS", "Israel": "IL", "Italy": "IT", "Japan": "JP", "Korea": "KR",
		"Lebanon": "LB", "Lithuania": "LT", "Malta": "MT", "Netherlands": "NL", "Nigeria": "NG", "Norway": "NO",
		"Poland": "PL", "Portugal": "PT", "RSA": "ZA", "Saudi Arabia": "SA", "Singapore": "SG", "Spain": "ES",
		"Sweden": "SE", "Switzerland": "CH", "Thailand": "TH", "USA": "US", "United Arab Emirates": "AE",
		"United Kingdom": "GB",
	} {
		known[strings.ToLower(name)] = Country{name, code}
		if name != "" && code != home {
			known[strings.ToLower(code)] = Country{name, code}
		}
	}
	known["gb"] = Country{"United Kingdom", home}
	known[""] = Country{"Unspecified", home}
	known["ie"] = Country{"EIRE", "IE"}
	return known
}()

// CountryNamed finds a country by its name or its code, in either letter case.
func CountryNamed(name string) (Country, bool) {
	found, ok := countries[strings.ToLower(name)]
	return found, ok
}
