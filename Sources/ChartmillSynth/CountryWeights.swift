/// The countries that users live in: the 249 assigned codes of ISO 3166-1 alpha-2, weighted by
/// millions of people. Countries that are not listed weigh one million.
enum CountryWeights {
  static let codes: [String] = {
    let all = """
      AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
      BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ
      EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
      GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY
      KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
      MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
      QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
      TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM
      ZW
      """
    return all.split(whereSeparator: \.isWhitespace).map(String.init)
  }()

  private static let millions: [String: Int] = [
    "IN": 1430, "CN": 1410, "US": 340, "ID": 280, "PK": 245, "NG": 225, "BR": 212, "BD": 173,
    "RU": 144, "MX": 130, "ET": 128, "JP": 124, "PH": 115, "EG": 113, "CD": 105, "VN": 100,
    "IR": 90, "TR": 86, "DE": 84, "TH": 72, "GB": 69, "TZ": 68, "FR": 68, "ZA": 63, "IT": 59,
    "KE": 56, "MM": 54, "CO": 52, "KR": 52, "ES": 48, "UG": 48, "AR": 46, "DZ": 46, "IQ": 45,
    "CA": 40, "PL": 38, "MA": 38, "UA": 37, "SA": 36, "UZ": 35, "PE": 34, "GH": 34, "MY": 34,
    "CI": 31, "NP": 30, "CM": 28, "VE": 28, "AU": 27, "TW": 23, "CL": 20, "RO": 19, "NL": 18,
    "SN": 18, "EC": 18, "BE": 12, "SE": 11, "PT": 10, "CZ": 11, "GR": 10, "HU": 10, "AT": 9,
    "CH": 9, "DK": 6, "FI": 6, "NO": 5, "IE": 5,
  ]

  /// A list of `slots` indices into `codes`, in which each index occurs in proportion to its
  /// weight.
  static func wheel(slots: Int) -> [UInt8] {
    let weights = codes.map { millions[$0] ?? 1 }
    let total = weights.reduce(0, +)
    var wheel: [UInt8] = []
    var sum = 0
    for (index, weight) in weights.enumerated() {
      sum += weight
      let end = sum * slots / total
      wheel += repeatElement(UInt8(index), count: end - wheel.count)
    }
    return wheel
  }
}
