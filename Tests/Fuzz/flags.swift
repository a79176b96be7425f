internal import Glibc

// Any arguments, one a line: they are taken, or refused with a text and a code; nothing else.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFlags(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: data, count: count).map { CChar(bitPattern: $0) }
  var words: [UnsafeMutablePointer<CChar>?] = [strdup("chartmill")]
  for word in bytes.split(separator: 10, omittingEmptySubsequences: false).prefix(64) {
    words.append(strdup(word.prefix { $0 != 0 } + [0]))
  }
  words.append(nil)
  let all = words
  // getopt_long moves the pointers about.
  words.withUnsafeMutableBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return }
    do throws(Failure) {
      switch try Request(ArgumentVector(count: Int32(all.count - 1), pointers: base)) {
      case .help(let command): precondition(!Help.text(of: command).isEmpty)
      case .command(.run, let flags):
        // Files that a flag names are none of the parser's business.
        guard !flags.has(.countries) else { return }
        _ = try flags.requiredPath(.out)
        precondition(ChartOptions.topRange.contains(try flags.charts().top))
        precondition(WindowRules.daysRange.contains(try flags.windowRules().days))
        let share = try flags.maxBadRows()
        precondition(Share(decimal: share.description.dropLast(), isPercent: true) == share)
        precondition(try flags.memory() >= Resources.minMemory)
      case .command(.synth, let flags): _ = try SynthCommand(flags)
      case .command(.verify, let flags): _ = try VerifyCommand(flags)
      case .command(.show, let flags): _ = try ShowCommand(flags)
      case .command(.compare, let flags): _ = try CompareCommand(flags)
      case .command(.report, let flags): _ = try ReportCommand(flags)
      default: break
      }
    } catch {
      precondition(error.exitCode == 64, error.text())
      precondition(error.text().hasPrefix("chartmill: ") && error.text().hasSuffix("\n"))
      precondition(!error.text().utf8.contains { $0 < 32 && $0 != 10 })
    }
  }
  for word in all { free(word) }
  return 0
}
