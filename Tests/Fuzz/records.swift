internal import Glibc

@testable internal import ChartmillFuzz

// Reads any bytes as the end of a kept rollup: once as they are, and once as a record and logs in
// members whose lengths and CRCs are right, so that the code after the CRC check is tested too. As
// in a run, the results go into sums, sudden changes and a manifest.

private let path = "/dev/shm/chartmill-fuzz-\(getpid()).rollup"
private let day = Day(daysSinceEpoch: 20_000)
private let pool = FilePool(limit: 1)

private func read(_ bytes: [UInt8]) {
  let deflate = Deflate()
  unlink(path)
  guard let file = try? File.create(path), (try? file.write(bytes)) != nil else {
    preconditionFailure("no file")
  }
  guard let opened = try? KeptRollup.open(path, day: day, deflate: deflate, pool: pool) else {
    return
  }
  let (kept, record) = opened
  var totals = LogTotals()
  var place = 0
  do {
    let isSound = try kept.forEachLog(deflate) { log in
      precondition(totals.add(log.input))
      precondition(!Manifest.line(log.input, isFirst: place == 0).isEmpty)
      place += 1
    }
    if isSound {
      precondition(totals.accepted == kept.accepted && totals.rejected == kept.rejected)
      precondition(totals.logs == kept.logs)
    }
    _ = totals.notices { "\($0)" }
    _ = try kept.samples(deflate)
  } catch {
    preconditionFailure("\(error)")
  }
  guard let record else { return }
  let counts = DayCounts(record)
  let before = (1...4).map { back in
    DayCounts(
      day: day.advanced(by: -back), accepted: counts.rejected, rejected: counts.accepted,
      streamsByCountry: counts.streamsByCountry)
  }
  _ = SuddenChange.changes(on: day, before + [counts])
}

private func stored(_ payload: some Collection<UInt8>) -> [UInt8] {
  Array(payload).withUnsafeBytes(GzipMember.stored)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRecords(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  // The pointer says that the segments end at the start of the file.
  let pointer = stored(
    [0x5250_5f4d_4843_0001, 0 as UInt64].flatMap { value in
      withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
    })
  read(bytes)
  read(bytes + pointer)
  // The record ends at the first zero byte, and the logs follow.
  let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
  read(parts.flatMap(stored) + pointer)
  return 0
}
