/// A table with a caption and headings. Numbers are aligned to the right.
struct ReportTable {
  enum Column {
    /// The heading of a row.
    case name(String)
    case text(String)
    case number(String)
    /// A drawing that repeats a number beside it. Only screen readers read its heading.
    case drawing(String)
  }

  /// For tests and links.
  let id: String
  let caption: String
  let columns: [Column]
  /// Each row has one cell per column.
  var rows: [[HTML]]
  /// Whether only screen readers read the caption.
  var hidesCaption = false
  /// The index of the first row below a dividing line. The rows from there on do not continue those
  /// above.
  var apart: Int?

  var html: HTML {
    """
    <table id="\(id)"><caption id="\(id)-caption"\(captionClass)>\(caption)</caption>
    <thead><tr>\(columns.map(heading))</tr></thead>
    <tbody>
    \(rows.enumerated().map(row))</tbody></table>

    """
  }

  /// The table, hidden until the reader opens the summary. If the table is too wide, it scrolls
  /// separately from the page.
  func folded(_ summary: String) -> HTML {
    """
    <details><summary>\(summary)</summary>
    <div class="wide" role="region" tabindex="0" aria-labelledby="\(id)-caption">
    \(html)</div></details>

    """
  }

  private var captionClass: HTML { hidesCaption ? " class=\"unseen\"" : "" }

  private func row(_ index: Int, _ cells: [HTML]) -> HTML {
    let opening: HTML = index == apart ? "<tr class=\"apart\">" : "<tr>"
    return "\(opening)\(zip(columns, cells).map(cell))</tr>\n"
  }

  private func heading(_ column: Column) -> HTML {
    switch column {
    case .name(let title), .text(let title): "<th scope=\"col\">\(title)</th>"
    case .number(let title): "<th scope=\"col\" class=\"number\">\(title)</th>"
    case .drawing(let title):
      "<th scope=\"col\" class=\"drawing\"><span class=\"unseen\">\(title)</span></th>"
    }
  }

  private func cell(_ column: Column, _ content: HTML) -> HTML {
    switch column {
    case .name: "<th scope=\"row\">\(content)</th>"
    case .text: "<td>\(content)</td>"
    case .number: "<td class=\"number\">\(content)</td>"
    case .drawing: "<td class=\"drawing\">\(content)</td>"
    }
  }
}
