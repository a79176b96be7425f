package import ChartmillModel
internal import Glibc

/// Turns text into rows: the hottest loop of the job.
///
/// A row as logs have them (two ids of 1 … 15 digits, a known country, a line end) is read eight
/// bytes at a time without a loop over its digits; any other line is given whole to
/// `RowClassifier`. Both give the same rows, so which of them read a line never shows.
package struct RowParser {
  private let classifier: RowClassifier
  /// `CountryList.table`.
  private let countryTable: [Int16]
  /// Asked of rejected rows whether it would repair them; nil when nobody wants to know.
  private let repairer: RowClassifier?

  /// - Parameter countsRepairable: without repairing, counts the rejected rows that could be.
  package init(countries: CountryList, repair: Bool = false, countsRepairable: Bool = false) {
    classifier = RowClassifier(countries: countries, repair: repair)
    repairer = countsRepairable ? RowClassifier(countries: countries, repair: true) : nil
    countryTable = countries.table
  }

  /// Bytes from the start of a line that the fast path may load: an id and its separator are at
  /// most 17 bytes looked at, the second id 16, the word with the country and the line end 8.
  /// It only takes lines that start this far before the end of the text, so it never reads
  /// outside the text; the one or two lines behind are classified byte by byte.
  private static let reach = 17 + 16 + 8

  /// Parses lines from `offset` until the text ends or the batch has no space for another line (a
  /// repaired one may give many rows). So if `offset < text.count` afterwards, empty the batch and
  /// call again: an empty batch has space for any line.
  ///
  /// `text` holds whole lines; only the last may lack its end. `offset` is at the start of a line,
  /// `line` is that line's number (1-based in its file); both move on. No byte outside `text` is
  /// read. Nothing is allocated, except for the few samples of the tally.
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

  /// Stops at the first line that is not a plain row, that starts after `last`, or when the batch
  /// has space for fewer than two rows.
  ///
  /// About 130 instructions a row. Its branches are on what rows of one log share (ids of eight
  /// digits or more, the kind of line end), so they predict well.
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

  /// The line at `position`, without its end; `position` moves behind the end.
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
      // What a repair would do, so only the lines are counted: their rows are not accepted.
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
      // A lane counts to 255 at most, so lanes are added up every 255 vectors.
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

/// Decimal digits, eight to a 64-bit word.
private enum DecimalWord {
  /// The number at `position` and how many digits it has: 0 … 15, or 16 for "16 or more", when the
  /// number means nothing. Loads 8 bytes, or 16 if the first 8 are digits.
  @inline(__always)
  static func number(at position: UnsafeRawPointer) -> (UInt64, Int) {
    let word = unsafe load(position)
    let others = nonDigits(word)
    if others != 0 {
      let count = others.trailingZeroBitCount &>> 3
      // Shifted in two steps, as for no digits it is 64 bits.
      return (combine((word &<< UInt64(56 &- count &* 8)) &<< 8), count)
    }
    let next = unsafe load(position + 8)
    let nextOthers = nonDigits(next)
    if nextOthers == 0 { return (0, 16) }
    let bits = UInt64(nextOthers.trailingZeroBitCount & ~7)
    // Both words as one right-aligned field of 16 digits.
    let low = (next &<< (56 &- bits)) &<< 8 | word &>> bits
    let high = (word &<< (56 &- bits)) &<< 8
    return (
      combine(high) &* 100_000_000 &+ combine(low), 8 &+ Int(truncatingIfNeeded: bits &>> 3)
    )
  }

  /// Eight bytes less "0" each, the first in the lowest byte.
  @inline(__always)
  private static func load(_ position: UnsafeRawPointer) -> UInt64 {
    unsafe UInt64(littleEndian: position.loadUnaligned(as: UInt64.self)) ^ 0x3030_3030_3030_3030
  }

  /// The lowest bit set is the top bit of the first byte over 9; bits above mean nothing, as the
  /// addition carries. 0 if there is no such byte.
  @inline(__always)
  private static func nonDigits(_ word: UInt64) -> UInt64 {
    (word &+ 0x7676_7676_7676_7676 | word) & 0x8080_8080_8080_8080
  }

  /// Eight digits to a number, in three multiplications. Daniel Lemire, "Quickly parsing eight
  /// digits" (2018), after Wojciech Muła's SIMD version: `parse_eight_digits_unrolled`.
  @inline(__always)
  private static func combine(_ digits: UInt64) -> UInt64 {
    let pairs = digits &* 10 &+ digits &>> 8
    let mask: UInt64 = 0x0000_00FF_0000_00FF
    let high = (pairs & mask) &* 0x000F_4240_0000_0064
    let low = ((pairs &>> 16) & mask) &* 0x0000_2710_0000_0001
    return (high &+ low) &>> 32
  }
}
