@testable internal import ChartmillFuzz

// Parses any text, and compares the results of `RowParser` and `RowReference`, with and without
// repair. The text is in a separate block of memory, so that the address sanitizer finds a load
// after it.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRows(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  for repair in [false, true] {
    let reference = RowReference(bytes, repair: repair)
    let parser = RowParser(countries: .iso3166, repair: repair)
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: RowBatch.byteCount, alignment: 64)
    defer { memory.deallocate() }
    let text = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { text.deallocate() }
    text.copyBytes(from: bytes)
    var batch = RowBatch(memory)
    var tally = RejectTally()
    var rows: [String] = []
    var (offset, line) = (0, 1)
    while offset < count {
      let before = offset
      batch.removeAll()
      parser.parse(
        UnsafeRawBufferPointer(text), from: &offset, firstLine: &line, into: &batch, tally: &tally)
      for row in 0..<batch.count {
        let code = CountryList.iso3166.code(at: batch.countries[row])
        rows.append("\(batch.songs[row])|\(batch.users[row])|\(code)")
      }
      precondition(offset > before, "no progress")
    }
    precondition(rows == reference.rows, "the rows differ")
    precondition(tally.accepted == rows.count, "the number of rows is wrong")
    for reason in RejectReason.allCases {
      precondition(tally.rejected(reason) == reference.rejected[reason] ?? 0, "the reasons differ")
      precondition(
        tally.samples(reason).map(\.line) == reference.firstBadLine[reason] ?? [],
        "the samples differ")
    }
    for rule in RepairRule.allCases {
      precondition(tally.repaired(rule) == reference.repaired[rule] ?? 0, "the repairs differ")
    }
  }
  return 0
}
