/// Splits and joins paths as text.
package enum Path {
  /// The last component of `path`; `path` itself if there is none, as in `/`.
  package static func last(of path: String) -> String {
    path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? path
  }

  /// The folder that holds what `path` names: `.` for a name alone, nil for `/`.
  package static func folder(of path: String) -> String? {
    var rest = Substring(path)
    while rest.count > 1, rest.hasSuffix("/") { rest = rest.dropLast() }
    if rest == "/" { return nil }
    guard let slash = rest.lastIndex(of: "/") else { return "." }
    return slash == rest.startIndex ? "/" : String(rest[..<slash])
  }

  /// The path of `name` in `folder`.
  package static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }
}

extension String {
  /// This text with zeros before it, `width` characters long.
  package func padded(to width: Int) -> String {
    String(repeating: "0", count: Swift.max(0, width - count)) + self
  }
}
