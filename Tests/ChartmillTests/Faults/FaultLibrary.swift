import Foundation

/// `Tests/FaultLibrary/faults.c`, which is compiled once and loaded with LD_PRELOAD.
enum FaultLibrary {
  /// The path of the library; nil if there is no C compiler.
  static let path: String? = {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("FaultLibrary/faults.c").path
    let library = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("chartmill-faults.so").path
    for compiler in ["cc", "clang", "gcc"] {
      let arguments = [
        "-c", "exec \(compiler) -shared -fPIC -O1 -o \"$0\" \"$1\" -ldl", library, source,
      ]
      let child = try? ChildProcess("/bin/sh", arguments)
      if child?.wait(seconds: 60).status == 0 { return library }
    }
    return nil
  }()

  /// What happens, and at which system call. The library reads this from the environment.
  struct Fault: CustomStringConvertible, Sendable {
    var call = "any"
    /// The number of the call, from 1; 0 means all calls.
    var nth = 0
    var action: Action
    /// The file that gets the numbers of calls if the run ends by itself.
    var countsFile: String?

    enum Action: Sendable {
      case count(into: String)
      case error(Int32)
      case interrupt
      case short(seed: Int)
      case signal(Int32)
      case append(to: String)
      /// `statvfs` returns zeros, or huge numbers.
      case zeros
      case huge
    }

    var environment: [String: String] {
      var variables = ["FAULT_CALL": call, "FAULT_NTH": "\(nth)"]
      if let path = FaultLibrary.path { variables["LD_PRELOAD"] = path }
      if let countsFile { variables["FAULT_COUNTS"] = countsFile }
      switch action {
      case .count(let path): variables["FAULT_COUNTS"] = path
      case .error(let errno):
        variables["FAULT_ACTION"] = "error"
        variables["FAULT_ERRNO"] = "\(errno)"
      case .interrupt: variables["FAULT_ACTION"] = "interrupt"
      case .short(let seed):
        variables["FAULT_ACTION"] = "short"
        variables["FAULT_SEED"] = "\(seed)"
      case .signal(let number):
        variables["FAULT_ACTION"] = "signal"
        variables["FAULT_SIGNAL"] = "\(number)"
      case .append(let path):
        variables["FAULT_ACTION"] = "append"
        variables["FAULT_FILE"] = path
      case .zeros: variables["FAULT_ACTION"] = "zeros"
      case .huge: variables["FAULT_ACTION"] = "huge"
      }
      return variables
    }

    var description: String { "\(call) \(nth): \(action)" }
  }
}
