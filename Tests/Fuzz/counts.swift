internal import Glibc

@testable internal import ChartmillFuzz

// Reads any bytes as `assemble` does: once as they are, and once as the payloads of frames whose
// headers, lengths and CRCs are right. The bytes are refused, or their sums fit in a manifest. For
// the frames, the input is split at zero bytes, and the first byte of each payload is its kind.

private let path = "/dev/shm/chartmill-fuzz-\(getpid()).counts"

private let charts = ChartOptions(top: 3)
private let rules = RowRules()

private func read(_ bytes: [UInt8]) {
  unlink(path)
  guard let file = try? File.create(path), (try? file.write(bytes)) != nil,
    (try? file.seek(to: 0)) != nil
  else { preconditionFailure("no file") }
  do {
    let parts = try AssembledParts(FrameReader(file, partitions: 1), charts, rules)
    let users = try parts.joinedUsers()
    let last = parts.inputs.last?.day ?? Day(daysSinceEpoch: 0)
    var totals = LogTotals()
    for input in parts.inputs where !totals.add(input) { return }
    let notices = totals.notices { parts.inputs[$0].name }
    let manifest = Manifest(
      .init(first: last, last: last, days: 1, missing: []), charts, partitions: 1, rules: rules,
      logs: totals, logNotices: notices, samples: parts.samples.first, users: users,
      countries: CountryOutputs(
        all: .init(), each: [],
        streams: parts.countryCharts.streamsByCountry(rules.countries)),
      usersByStreams: parts.usersByStreams,
      run: .init(
        codec: codecName, threads: 0, memoryBudget: 1, peakResident: 0,
        spillBytes: parts.rollupWork.saturatedSum(\.spillBytes), spillRuns: 0,
        seconds: .init(rollup: 0, chart: 0, publish: 0, total: 0)))
    precondition(manifest.totals.accepted >= 0 && manifest.totals.rejected >= 0)
    precondition(!manifest.encoded().isEmpty)
  } catch {
    precondition(error is FrameError || error is PartsError, "\(error)")
  }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCounts(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  read(bytes)
  let kinds: [FrameKind] = [.log, .part, .localCharts]
  var stream: [UInt8] = []
  for payload in bytes.split(separator: 0) {
    guard let first = payload.first else { continue }
    let kind = kinds[Int(first) % kinds.count]
    let held = Array(payload.dropFirst())
    stream += FrameHeader(kind, heldBytes: held.count, partitions: 1).encoded
    stream += held.withUnsafeBytes(GzipMember.stored)
  }
  read(stream)
  return 0
}
