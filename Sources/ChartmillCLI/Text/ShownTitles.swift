internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillText
internal import Glibc

/// The titles of `--songs` for commands that show a few charts.
struct ShownTitles {
  private let titles: SongTitles

  /// Reads the titles of the songs of some charts, and warns about lines that were left out.
  ///
  /// - Parameter charts: calls its argument with each song that will be shown.
  /// - Throws: what `SongTitles.read` throws, and what `charts` throws.
  init(
    contentsOf path: String, _ color: ColorChoice,
    ofSongsIn charts: (@escaping (UInt64) -> Void) throws -> Void
  ) throws {
    titles = try SongTitles(
      filterBytes: 2 << 20, entriesInMemory: 64 << 10, spillFolder: temporaryFolder)
    try charts(titles.want)
    try titles.read(path)
    let warnings = Warnings(titles.counts, path: path)
    StandardError.write(warnings.text(.standardError(color)))
  }

  /// The title of a song; nil if the file has none.
  func title(of song: UInt64) throws -> SongTitles.Title? {
    try titles.title(of: song)
  }
}

extension Warnings {
  /// The lines of a file of song titles that were left out.
  init(_ counts: SongTitles.Counts, path: String) {
    guard let first = counts.firstBadLine else {
      self.init()
      return
    }
    self.init(
      "\(SafeText(path)): \(counted(counts.badLines, "line")) left out; line "
        + "\(grouped(first.line)): \(first.problem.text)")
  }
}

extension SongLineProblem {
  fileprivate var text: String {
    switch self {
    case .id: "no song id before the first comma"
    case .fields: "not three fields"
    case .tooLong: "the title or the artist is too long"
    }
  }
}

extension TextTable.Cell {
  /// The maximum width of a title in a table, in columns of a terminal.
  private static let maxTitleColumns = 40

  /// Text from outside, safe to show and cut to a width that fits a table.
  init(title: String?) {
    let safe = SafeText(title: title ?? "-").description
    if safe.terminalColumns <= Self.maxTitleColumns {
      self.init(safe)
      return
    }
    var columns = 1  // The sign for what was cut.
    let shown = safe.prefix { character in
      columns += character.terminalColumns
      return columns <= Self.maxTitleColumns
    }
    self.init(String(shown) + "\u{2026}")
  }
}

/// The folder of temporary files, as sort(1) chooses it.
var temporaryFolder: String {
  let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
  return folder.isEmpty ? "/tmp" : folder
}
