internal import Glibc

@testable internal import ChartmillFuzz

// Parses any arguments, one per line. They are accepted, or refused with a usage error.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFlags(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: data, count: count).map { CChar(bitPattern: $0) }
  var words: [UnsafeMutablePointer<CChar>?] = [strdup("chartmill")]
  for word in bytes.split(separator: 10, omittingEmptySubsequences: false).prefix(64) {
    words.append(strdup(word.prefix { $0 != 0 } + [0]))
  }
  words.append(nil)
  let all = words
  // getopt_long reorders the pointers.
  words.withUnsafeMutableBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return }
    do {
      switch try Request(ArgumentVector(count: Int32(all.count - 1), pointers: base)) {
      case .help(let command): precondition(!Help.text(of: command).isEmpty)
      case .version: break
      case .command(let arguments):
        // --countries reads a file, whatever its name.
        guard !arguments.has(.countries) else { return }
        _ = try arguments.command.init(arguments)
        let share = try arguments.maxBadRows()
        precondition(Share(decimal: share.description.dropLast(), isPercent: true) == share)
      }
    } catch {
      precondition(ExitStatus(of: error) == .usage, "\(error)")
      let text = Explanation(error).lines
      precondition(text.hasPrefix("chartmill: ") && text.hasSuffix("\n"))
      precondition(!text.utf8.contains { $0 < 32 && $0 != 10 })
    }
  }
  for word in all { free(word) }
  return 0
}
