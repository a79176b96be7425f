/// The ways in which a row of a real archive can be odd.
enum OddRow: Int, CaseIterable {
  // Unusual rows that are accepted:
  case carriageReturn, leadingZeros, largestSong
  // Bad rows:
  case blank, blankWithCarriageReturn
  case missingField, missingSeparator, noSeparator, extraField, trailingSeparator, gluedRows
  case commas
  case emptySong, nullSong, negativeSong, overflowingSong, spaceInSong
  case emptyUser, nullUser, negativeUser, overflowingUser, spaceBeforeUser, decimalUser
  case emptyCountry, doubledCountry, lowerCaseCountry, oneLetterCountry, threeLetterCountry
  case spaceAfterCountry, unknownCountry, userAssignedCountry
  case overlongLine

  /// The odd line, with its end, to write instead of a row.
  func line(song: UInt64, user: UInt64, country: String, random: inout RandomStream) -> String {
    let row = "\(song)|\(user)|\(country)"
    switch self {
    case .carriageReturn: return "\(row)\r\n"
    case .leadingZeros: return "00\(song)|000\(user)|\(country)\n"
    case .largestSong: return "\(Int64.max)|\(user)|\(country)\n"
    case .blank: return "\n"
    case .blankWithCarriageReturn: return "\r\n"
    case .missingField: return "\(song)|\(user)\n"
    case .missingSeparator: return "\(song)\(user)|\(country)\n"
    case .noSeparator: return "\(song)\(user)\(country)\n"
    case .extraField: return "\(song)|\(user)|\(country)|\(random.next() % 1000)\n"
    case .trailingSeparator: return "\(row)|\n"
    case .gluedRows: return "\(row)\(song)|\(1 + random.next() % 1000)|\(country)\n"
    case .commas: return "\(song),\(user),\(country)\n"
    case .emptySong: return "|\(user)|\(country)\n"
    case .nullSong: return "null|\(user)|\(country)\n"
    case .negativeSong: return "-\(song)|\(user)|\(country)\n"
    case .overflowingSong: return "9223372036854775808|\(user)|\(country)\n"
    case .spaceInSong: return "\(song / 1000) \(song % 1000)|\(user)|\(country)\n"
    case .emptyUser: return "\(song)||\(country)\n"
    case .nullUser: return "\(song)|null|\(country)\n"
    case .negativeUser: return "\(song)|-\(user)|\(country)\n"
    case .overflowingUser: return "\(song)|\(user)00000000000000000000|\(country)\n"
    case .spaceBeforeUser: return "\(song)| \(user)|\(country)\n"
    case .decimalUser: return "\(song)|\(user).0|\(country)\n"
    case .emptyCountry: return "\(song)|\(user)|\n"
    case .doubledCountry: return "\(row)\(country)\n"
    case .lowerCaseCountry: return "\(song)|\(user)|\(country.lowercased())\n"
    case .oneLetterCountry: return "\(song)|\(user)|\(country.prefix(1))\n"
    case .threeLetterCountry: return "\(row)X\n"
    case .spaceAfterCountry: return "\(row) \n"
    case .unknownCountry: return "\(song)|\(user)|ZZ\n"
    case .userAssignedCountry: return "\(song)|\(user)|XK\n"
    case .overlongLine:
      return row + String(repeating: "x", count: 4096 + Int(random.next() % 4096)) + "\n"
    }
  }
}
