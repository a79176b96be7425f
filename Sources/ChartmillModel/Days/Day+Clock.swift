internal import Glibc

extension Day {
  /// Today's date in the time zone of this process, which is `TZ` if it is set, and otherwise the
  /// machine's. Nil if the clock's year is outside 1 … 9999.
  package static func today() -> Day? {
    var now = time(nil)
    var parts = unsafe tm()
    tzset()
    guard unsafe localtime_r(&now, &parts) != nil else { return nil }
    return unsafe Day(
      year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday))
  }
}
