internal import ChartmillModel
@unsafe @preconcurrency internal import Glibc

/// The variables of the environment.
enum EnvironmentVariables {
  /// The variables whose names begin with `prefix`. A value that is not UTF-8 is refused, because a
  /// manifest cannot hold it and it cannot be shown.
  static func all(beginningWith prefix: String) throws -> [String: String] {
    var variables: [String: String] = [:]
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      unsafe next += 1
      let text = unsafe String(cString: entry)
      guard text.hasPrefix(prefix), let sign = text.firstIndex(of: "=") else { continue }
      let name = String(text[..<sign])
      let value = String(text[sign...].dropFirst())
      guard unsafe String(validatingCString: entry) != nil else {
        throw UsageError(
          problem: "the variable \(SafeText(name)) is not UTF-8: \(quoted(value))",
          fix: "Set it to another value, or unset it.")
      }
      variables[name] = value
    }
    return variables
  }
}
