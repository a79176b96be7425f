internal import Glibc

@testable internal import ChartmillFuzz

// Reads any bytes as a list of users, or as a file of song titles, and compares the result with that of a
// plain reader. The first byte decides which.

private let path = "/dev/shm/chartmill-fuzz-\(getpid()).list"

/// A line of a file of titles, or the problem that ends it.
private enum Event: Equatable {
  case song(UInt64, title: [UInt8], artist: [UInt8])
  case bad(line: Int)
  case openQuote(line: Int)
}

/// The number in decimal digits, up to 2^63 − 1.
private func number(_ text: some Collection<UInt8>) -> UInt64? {
  guard !text.isEmpty, text.allSatisfy({ (48...57).contains($0) }) else { return nil }
  let digits = text.drop { $0 == 48 }
  guard digits.count <= 19 else { return nil }
  let value = digits.reduce(0 as UInt64) { $0 &* 10 &+ UInt64($1 - 48) }
  return value <= UInt64(Int64.max) ? value : nil
}

/// Reads titles byte by byte, as RFC 4180 describes fields.
private struct TitleReference {
  private let text: [UInt8]
  private var index = 0
  private var line = 1

  init(_ text: [UInt8]) {
    self.text = text
  }

  /// Whether a line ends at `index`, with a carriage return or without.
  private var isAtLineEnd: Bool {
    let rest = text[index...]
    return rest.isEmpty || rest.first == 10 || (rest.first == 13 && rest.count == 1)
      || rest.starts(with: [13, 10])
  }

  private mutating func skipLine() {
    while index < text.count, text[index] != 10 { index += 1 }
    if index < text.count { index += 1 }
    line += 1
  }

  /// The next field; nil if a quote is not closed. A field that does not begin with a quote ends
  /// before a comma or the line end.
  private mutating func field() -> [UInt8]? {
    var field: [UInt8] = []
    guard index < text.count, text[index] == 34 else {
      while !isAtLineEnd, text[index] != 44 {
        field.append(text[index])
        index += 1
      }
      return field
    }
    index += 1
    while index < text.count {
      if text[index] == 34 {
        index += 1
        guard index < text.count, text[index] == 34 else { return field }
      } else if text[index] == 10 {
        line += 1
      }
      field.append(text[index])
      index += 1
    }
    return nil
  }

  private mutating func takesComma() -> Bool {
    guard index < text.count, text[index] == 44 else { return false }
    index += 1
    return true
  }

  mutating func next() -> Event? {
    while index < text.count, isAtLineEnd { skipLine() }
    guard index < text.count else { return nil }
    let start = line
    // An id cannot span lines, so its line alone is bad.
    let idEnd = text[index...].firstIndex { $0 == 44 || $0 == 10 } ?? text.count
    var id = text[index..<idEnd]
    if id.count > 2, id.first == 34, id.last == 34 { id = id.dropFirst().dropLast() }
    guard let song = number(id), idEnd < text.count, text[idEnd] == 44 else {
      skipLine()
      return .bad(line: start)
    }
    index = idEnd + 1
    guard let title = field() else { return end(.openQuote(line: start)) }
    guard takesComma() else {
      skipLine()
      return .bad(line: start)
    }
    guard let artist = field() else { return end(.openQuote(line: start)) }
    let isComplete = isAtLineEnd
    skipLine()
    return isComplete ? .song(song, title: title, artist: artist) : .bad(line: start)
  }

  private mutating func end(_ event: Event) -> Event {
    index = text.count
    return event
  }
}

private func checkTitles(_ text: [UInt8]) {
  var found: [Event] = []
  do {
    try SongFile.read(path) { song in
      var (title, artist): ([UInt8], [UInt8]) = ([], [])
      song.title.append(to: &title)
      song.artist.append(to: &artist)
      found.append(.song(song.id, title: title, artist: artist))
    } onBadLine: { line, _ in
      found.append(.bad(line: line))
    }
  } catch let error as SideInputError {
    guard error.problem == .openQuote, let line = error.line else { fatalError("\(error)") }
    found.append(.openQuote(line: line))
  } catch {
    fatalError("\(error)")
  }
  var expected: [Event] = []
  var reference = TitleReference(text)
  while let event = reference.next() {
    switch event {
    // The lines of the reference begin after the heading.
    case .bad(let line): expected.append(.bad(line: line + 1))
    case .openQuote(let line): expected.append(.openQuote(line: line + 1))
    case .song: expected.append(event)
    }
  }
  precondition(found == expected, "\(found), expected \(expected)")
}

private func checkUsers(_ text: [UInt8]) {
  var ids: [UInt64] = []
  var badLine: Int?
  let withoutMark = text.starts(with: [0xef, 0xbb, 0xbf]) ? Array(text.dropFirst(3)) : text
  for (index, line) in withoutMark.split(separator: 10, omittingEmptySubsequences: false)
    .enumerated()
  {
    let bytes = Array(
      line.drop { [32, 9].contains($0) }.reversed().drop { [32, 9, 13].contains($0) }.reversed())
    if bytes.isEmpty || bytes.first == 35 { continue }
    if let id = number(bytes) {
      ids.append(id)
    } else if !(ids.isEmpty && bytes == Array("user_id".utf8)) {
      badLine = index + 1
      break
    }
  }
  let scheme = PartitionScheme(partitions: 4)
  do {
    let list = try UserList(
      contentsOf: path, scheme: scheme, spillFolder: "/dev/shm", idsInMemory: 5, maxRuns: 3)
    var found: [UInt64] = []
    while let place = try list.next() { found.append(scheme.user(atPlace: place)) }
    precondition(badLine == nil && !ids.isEmpty)
    precondition(found == Set(ids).sorted { scheme.place(ofUser: $0) < scheme.place(ofUser: $1) })
    precondition(list.listed == ids.count && list.repeated == ids.count - found.count)
  } catch let error as SideInputError {
    switch error.problem {
    case .notAUser: precondition(error.line == badLine)
    case .noUsers: precondition(ids.isEmpty && badLine == nil)
    default: fatalError("\(error)")
    }
  } catch {
    fatalError("\(error)")
  }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLists(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  // Longer lines are other errors, and gzip has its own harness.
  guard (1..<4000).contains(count) else { return -1 }
  let text = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
  let isTitles = data[0] & 1 == 1
  if !isTitles, text.first == 0x1f { return -1 }
  let bytes = isTitles ? Array("sng_id,title,artist\n".utf8) + text : text
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  precondition(file >= 0 && write(file, bytes, bytes.count) == bytes.count)
  close(file)
  if isTitles { checkTitles(text) } else { checkUsers(text) }
  return 0
}
