package import ChartmillModel
internal import ChartmillSystem

/// What is wrong with the file of `--countries`, such as a line that is not a code.
package struct CountryFileError: Error, Sendable, Equatable {
  package let path: String
  /// The line number, from 1.
  package let line: Int
  package let problem: String
}

extension CountryList {
  /// The maximum size of the file, in bytes. A list of countries is a page of text.
  static let maxFileByteCount = 1 << 20

  /// Reads a list of one code per line. Blank lines and spaces around codes are allowed, and `#`
  /// begins a comment. Lines may end in `\r\n`, and the file may begin with the byte order mark of
  /// UTF-8. A code that is given twice counts once.
  ///
  /// Throws `CountryFileError` for a line that is not a code, for more than 256 codes, for a list
  /// without any code, and for a file larger than 1 MiB; `LogError.notARegularFile`; `SystemError`.
  package init(contentsOf path: String) throws {
    let bytes = try Self.read(path)
    let text = bytes.dropFirst(bytes.starts(with: LogFormat.byteOrderMark) ? 3 : 0)
    var codes: Set<UInt16> = []
    var number = 0
    for line in text.split(separator: 10, omittingEmptySubsequences: false) {
      number += 1
      let words = line.prefix { $0 != 35 }.split { $0 == 32 || $0 == 9 || $0 == 13 }
      guard let word = words.first else { continue }
      guard words.count == 1, let code = Self.pack(word) else {
        throw CountryFileError(path: path, line: number, problem: Self.problem(words))
      }
      codes.insert(code)
      if codes.count > Self.maxCount {
        throw CountryFileError(path: path, line: number, problem: "more than 256 codes")
      }
    }
    if codes.isEmpty {
      throw CountryFileError(path: path, line: number, problem: "no codes in the file")
    }
    self.init(packed: codes)
  }

  private static func problem(_ words: [ArraySlice<UInt8>]) -> String {
    if let word = words.first, words.count == 1 {
      let capitals = String(decoding: word, as: UTF8.self).uppercased()
      if pack(capitals.utf8) != nil { return "a code in lower case; use \(capitals)" }
    }
    return "expected one code: a letter A-Z, then a letter or a digit"
  }

  private static func read(_ path: String) throws -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: maxFileByteCount + 1, alignment: 1)
    defer { unsafe buffer.deallocate() }
    let isRegular: Bool
    var count = 0
    let file = try File.open(reading: path)
    isRegular = try file.status().isRegular
    if isRegular { count = try unsafe file.read(into: buffer, at: 0) }
    guard isRegular else { throw LogError.notARegularFile(path: path) }
    guard count <= maxFileByteCount else {
      throw CountryFileError(path: path, line: 1, problem: "larger than 1 MiB")
    }
    return unsafe Array(buffer.prefix(count))
  }
}
