internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillSystem
internal import ChartmillText

/// The time, memory and disk space that the run took.
struct CostSection {
  private let manifest: Manifest
  private let report: PublishedReport
  private var run: Manifest.Run { manifest.run }

  init(_ report: PublishedReport) {
    self.manifest = report.manifest
    self.report = report
  }

  var html: HTML {
    """
    <section>
    <h2>Time and memory</h2>
    \(phases.html)
    \(memory.html)
    <p class="note">\(resources)</p>
    \(outputs.folded(counted(manifest.outputs.count, "published file")))
    \(logs.folded(listedLogs))
    </section>

    """
  }

  private var phases: ReportTable {
    let seconds = run.seconds
    // The sum of the steps is slightly less than the total. It can also be slightly more, because
    // the steps are rounded.
    let whole = max(seconds.total, 0.001)
    let steps: [(String, Double)] = [
      ("Rollup", seconds.rollup), ("Chart", seconds.chart), ("Publish", seconds.publish),
    ]
    return ReportTable(
      id: "phases", caption: "Time by step, \(decimal(seconds.total, 1)) s in total",
      columns: [.name("Step"), .drawing("Bar"), .number("Seconds"), .number("Share")],
      rows: steps.map { name, seconds in
        [
          "\(name)", Bar.across(seconds / whole), "\(decimal(seconds, 3))",
          "\(decimal(seconds / whole * 100, 0))%",
        ]
      })
  }

  private var memory: ReportTable {
    let maxBytes = Double(max(run.memoryBudget, run.peakResident, 1))
    let rows: [(String, Int)] = [
      ("Peak", run.peakResident), ("Limit", run.memoryBudget),
    ]
    return ReportTable(
      id: "memory-use", caption: "Memory",
      columns: [.name("Memory"), .drawing("Bar"), .number("Size")],
      rows: rows.map { name, bytes in
        ["\(name)", Bar.across(Double(bytes) / maxBytes), "\(ByteSize.text(bytes))"]
      })
  }

  private var resources: String {
    var text =
      "The run used \(counted(run.threads, "thread")) and the gzip codec \(run.codec). Its spill files "
      + "held \(ByteSize.text(run.spillBytes)) in \(counted(run.spillRuns, "sorted run"))."
    if !run.keptDays.isEmpty {
      text += " It used kept rollups for \(counted(run.keptDays.count, "day"))."
    }
    return text
  }

  private var outputs: ReportTable {
    ReportTable(
      id: "outputs", caption: "Published files",
      columns: [.name("File"), .number("Lines"), .number("Size"), .text("CRC-32")],
      rows: manifest.outputs.map { output in
        [
          "\(output.name)", "\(grouped(output.lines))", "\(ByteSize.text(output.bytes))",
          "\(output.crc32)",
        ]
      })
  }

  private var listedLogs: String {
    let all = counted(manifest.totals.logs, "log")
    return report.logs.count < manifest.totals.logs
      ? "The first \(grouped(report.logs.count)) of \(all)" : all
  }

  private var logs: ReportTable {
    ReportTable(
      id: "inputs", caption: "Logs",
      columns: [
        .name("Log"), .number("Rows charted"), .number("Bad rows"), .number("Size"),
        .text("CRC-32 of the text"),
      ],
      rows: report.logs.map { input in
        [
          "\(input.name)", "\(grouped(input.accepted))", "\(grouped(input.rejected))",
          "\(ByteSize.text(input.bytes))", "\(input.textCRC32)",
        ]
      })
  }
}
