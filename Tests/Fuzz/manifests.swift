internal import Glibc

@testable internal import ChartmillFuzz

// Decodes any bytes as a manifest. Either they are refused, or encoding gives the same manifest
// again. The summary, the warnings, the metrics and the report of a consistent manifest never trap.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzManifests(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  let manifest: Manifest
  do throws(ManifestError) {
    manifest = try Manifest(json: bytes)
  } catch {
    return 0
  }
  let text = manifest.encoded()
  precondition((try? Manifest(json: text)) == manifest, "encoding changed the manifest")
  var totals = LogTotals()
  guard manifest.inputs.allSatisfy({ totals.add($0) }),
    manifest.inconsistentKey(date: manifest.date, totals) == nil
  else { return 0 }
  let request = ChartRequest(
    source: .files(["listen-20260705.log"]), window: WindowRules(), charts: ChartOptions(),
    maxBadRows: .percent(5), rejectsFile: "rejects.gz", rows: RowRules(),
    output: OutputOptions(folder: "charts"), resources: Resources(threads: 1), waits: false)
  let summary = Summary(manifest, of: request, keepsRollups: false)
  precondition(!summary.text.isEmpty && !summary.seconds.isEmpty)
  let warnings = Warnings(manifest)
  precondition(warnings.lines.allSatisfy { !$0.utf8.contains { $0 < 32 } })
  precondition(!MetricsText(manifest, finish: 0).text.isEmpty)
  let report = PublishedReport(manifest: manifest, previous: manifest, charts: [])
  precondition(ReportPage(report).text.hasSuffix("</html>\n"))
  return 0
}
