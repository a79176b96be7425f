package import ChartmillModel
internal import Glibc

/// Parses text into rows. This is the hottest loop of the job.
///
/// A plain row (two ids of 1 … 15 digits, a known country, a line end) is read eight bytes at a
/// time, without a loop over its digits. Any other line goes to `RowClassifier`. Both give the same
/// rows for the same lines.
package struct RowParser {
  private let classifier: RowClassifier
  /// `CountryList.table`.
  private let countryTable: [Int16]
  /// The classifier that says whether a bad row could be repaired; nil if such rows are not
  /// counted.
  private let repairer: RowClassifier?

  /// - Parameters:
  ///   - repair: whether rows are repaired.
  ///   - countsRepairable: whether bad rows that could be repaired are counted, without repairing
  ///     them.
  package init(countries: CountryList, repair: Bool = false, countsRepairable: Bool = false) {
    classifier = RowClassifier(countries: countries, repair: repair)
    repairer = countsRepairable ? RowClassifier(countries: countries, repair: true) : nil
    countryTable = countries.table
  }

  /// The maximum number of bytes from the start of a line that the fast path may load: 17 for an id
  /// and its separator, 16 for the second id, and 8 for the word with the country and the line end.
  ///
  /// The fast path only takes lines that begin at least this far before the end of the text, so it
  /// never reads outside of the text. The last lines are classified byte by byte.
  private static let reach = 17 + 16 + 8

  /// Parses lines from `offset` until the text ends or the batch has no space for another line. A
  /// repaired line can give many rows. If `offset < text.count` afterwards, empty the batch and
  /// call again: an empty batch has space for any line.
  ///
  /// Reads no byte outside of `text`. Allocates only the few samples of the tally.
  ///
  /// - Parameters:
  ///   - text: complete lines. Only the last one may lack its end.
  ///   - offset: the start of a line, which moves to the start of the next line to parse.
  ///   - line: the number of that line in its file, from 1. It moves too.
  package func parse(
    _ text: UnsafeRawBufferPointer, from offset: inout Int, firstLine line: inout Int,
    into batch: inout RowBatch, tally: inout RejectTally
  ) {
    guard let base = text.baseAddress else { return }
    unsafe countryTable.withUnsafeBufferPointer { table in
      let end = unsafe base + text.count
      var position = unsafe base + offset
      while unsafe position < end, batch.hasSpace {
        if unsafe end - position >= Self.reach {
          let count = batch.count
          unsafe Self.parsePlainRows(&position, before: end - Self.reach, table, into: &batch)
          tally.accepted += batch.count - count
          line += batch.count - count
          if unsafe position >= end || batch.count > RowBatch.capacity - 2 { break }
        }
        let start = unsafe position
        let bytes = unsafe Self.takeLine(&position, end)
        let verdict = unsafe classifier.classify(bytes, isFirst: line == 1)
        if case .gluedRows(let count) = verdict, count > RowBatch.capacity - batch.count {
          unsafe position = unsafe start
          break
        }
        unsafe append(verdict, of: bytes, line, into: &batch, &tally)
        line += 1
      }
      offset = unsafe position - base
    }
  }

  /// Parses plain rows. Stops at the first line that is not a plain row or that begins after
  /// `last`, or when the batch has space for fewer than two rows.
  ///
  /// Time: about 130 instructions per row. Branches predict well, because they depend on what all
  /// rows of a log share: ids of eight digits or more, and the kind of line end.
  @inline(__always)
  private static func parsePlainRows(
    _ start: inout UnsafeRawPointer, before last: UnsafeRawPointer,
    _ table: UnsafeBufferPointer<Int16>, into batch: inout RowBatch
  ) {
    let users = unsafe batch.users
    let songs = unsafe batch.songs
    let countries = unsafe batch.countries
    guard let table = table.baseAddress else { return }
    var count = batch.count
    var userBits = batch.userBits
    var songBits = batch.songBits
    var position = unsafe start

    while unsafe position <= last, count <= RowBatch.capacity - 2 {
      let (song, songDigits) = unsafe DecimalWord.number(at: position)
      let userStart = unsafe position + songDigits + 1
      let (user, userDigits) = unsafe DecimalWord.number(at: userStart)
      let tail = unsafe UInt64(
        littleEndian: (userStart + userDigits).loadUnaligned(as: UInt64.self))

      let first = (tail &>> 8) & 255 &- 65
      let second = (tail &>> 16) & 255 &- 48
      guard
        UInt(bitPattern: songDigits &- 1) < 15, UInt(bitPattern: userDigits &- 1) < 15,
        unsafe (position + songDigits).load(as: UInt8.self) == 0x7C, tail & 255 == 0x7C,
        first < 26, second < UInt64(CountryList.tableWidth)
      else { break }
      let country = unsafe table[
        Int(truncatingIfNeeded: first &* UInt64(CountryList.tableWidth) &+ second)]
      guard country >= 0 else { break }
      var length = 4
      if (tail &>> 24) & 255 != 0x0A {
        guard (tail &>> 24) & 0xFFFF == 0x0A0D else { break }
        length = 5
      }

      unsafe users[count] = user
      unsafe songs[count] = song
      unsafe countries[count] = UInt8(truncatingIfNeeded: country)
      userBits |= user
      songBits |= song
      count += 1
      unsafe position = unsafe userStart + userDigits + length
    }

    batch.count = count
    batch.userBits = userBits
    batch.songBits = songBits
    unsafe start = unsafe position
  }

  /// The line at `position`, without its end. `position` moves to the next line.
  private static func takeLine(
    _ position: inout UnsafeRawPointer, _ end: UnsafeRawPointer
  ) -> UnsafeRawBufferPointer {
    let start = unsafe position
    guard let newline = unsafe memchr(start, 0x0A, end - start) else {
      unsafe position = unsafe end
      return unsafe UnsafeRawBufferPointer(start: start, count: end - start)
    }
    var count = unsafe UnsafeRawPointer(newline) - start
    unsafe position = unsafe start + count + 1
    if count > 0, unsafe start.load(fromByteOffset: count - 1, as: UInt8.self) == 0x0D {
      count -= 1
    }
    return unsafe UnsafeRawBufferPointer(start: start, count: count)
  }

  /// Adds a line's rows to the batch, or its text to the rejected rows, and counts it in the tally.
  private func append(
    _ verdict: RowClassifier.Verdict, of text: UnsafeRawBufferPointer, _ line: Int,
    into batch: inout RowBatch, _ tally: inout RejectTally
  ) {
    switch verdict {
    case .row(let row):
      batch.append(row)
      tally.accepted += 1
    case .repaired(let rule, let row):
      batch.append(row)
      tally.accepted += 1
      tally.repair(rule)
    case .gluedRows(let count):
      unsafe classifier.forEachGluedRow(text) { batch.append($0) }
      tally.accepted += count
      tally.repairGluedRows(count)
    case .rejected(let reason):
      unsafe tally.reject(reason, line: line, text: text)
      unsafe batch.rejected?.append(line: line, reason: reason, text: text)
      // This only counts a line that could be repaired. Its rows are not accepted.
      if let rule = unsafe repairer?.classify(text, isFirst: line == 1).rule { tally.repair(rule) }
    }
  }

  /// The number of `\n` bytes.
  static func countLines(_ text: UnsafeRawBufferPointer) -> Int {
    guard let base = text.baseAddress else { return 0 }
    let width = 32
    let newlines = SIMD32<UInt8>(repeating: 0x0A)
    var total = 0
    var offset = 0
    while text.count - offset >= width {
      // A lane counts up to 255, so lanes are added up every 255 vectors.
      let vectors = min(255, (text.count - offset) / width)
      var lanes = SIMD32<UInt8>.zero
      for _ in 0..<vectors {
        let bytes = unsafe base.loadUnaligned(fromByteOffset: offset, as: SIMD32<UInt8>.self)
        unsafe lanes &-= unsafeBitCast(bytes .== newlines, to: SIMD32<UInt8>.self)
        offset += width
      }
      total += Int(SIMD32<UInt16>(truncatingIfNeeded: lanes).wrappedSum())
    }
    while offset < text.count {
      if unsafe text[offset] == 0x0A { total += 1 }
      offset += 1
    }
    return total
  }
}

extension RowBatch {
  /// - Precondition: the batch is not full.
  fileprivate mutating func append(_ row: RowClassifier.Row) {
    precondition(count < Self.capacity)
    unsafe users[count] = row.user
    unsafe songs[count] = row.song
    unsafe countries[count] = row.country
    userBits |= row.user
    songBits |= row.song
    count += 1
  }
}

/// Reads decimal digits, eight at a time in a 64-bit word.
private enum DecimalWord {
  /// The number at `position`, and its number of digits, 0 … 15. If it has 16 digits or more, the
  /// result is 16 digits and a number without meaning. Loads 8 bytes, or 16 if the first 8 are
  /// digits.
  @inline(__always)
  static func number(at position: UnsafeRawPointer) -> (UInt64, Int) {
    let word = unsafe load(position)
    let others = nonDigits(word)
    if others != 0 {
      let count = others.trailingZeroBitCount &>> 3
      // The shift is done in two steps, because without digits it is by 64 bits.
      return (combine((word &<< UInt64(56 &- count &* 8)) &<< 8), count)
    }
    let next = unsafe load(position + 8)
    let nextOthers = nonDigits(next)
    if nextOthers == 0 { return (0, 16) }
    let bits = UInt64(nextOthers.trailingZeroBitCount & ~7)
    // Both words together are one right-aligned field of 16 digits.
    let low = (next &<< (56 &- bits)) &<< 8 | word &>> bits
    let high = (word &<< (56 &- bits)) &<< 8
    return (
      combine(high) &* 100_000_000 &+ combine(low), 8 &+ Int(truncatingIfNeeded: bits &>> 3)
    )
  }

  /// Loads eight bytes, the first into the lowest byte, and turns each digit into its value.
  @inline(__always)
  private static func load(_ position: UnsafeRawPointer) -> UInt64 {
    unsafe UInt64(littleEndian: position.loadUnaligned(as: UInt64.self)) ^ 0x3030_3030_3030_3030
  }

  /// A word whose lowest set bit is the top bit of the first byte over 9; 0 if no byte is over 9.
  /// The bits above have no meaning, because the addition carries.
  @inline(__always)
  private static func nonDigits(_ word: UInt64) -> UInt64 {
    (word &+ 0x7676_7676_7676_7676 | word) & 0x8080_8080_8080_8080
  }

  /// Combines eight digits into a number with three multiplications (Daniel Lemire, "Quickly
  /// parsing eight digits", 2018, `parse_eight_digits_unrolled`, after Wojciech Muła's SIMD
  /// version).
  @inline(__always)
  private static func combine(_ digits: UInt64) -> UInt64 {
    let pairs = digits &* 10 &+ digits &>> 8
    let mask: UInt64 = 0x0000_00FF_0000_00FF
    let high = (pairs & mask) &* 0x000F_4240_0000_0064
    let low = ((pairs &>> 16) & mask) &* 0x0000_2710_0000_0001
    return (high &+ low) &>> 32
  }
}
