/// The arguments as C passes them.
@safe struct ArgumentVector {
  let count: Int32
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  static var ofProcess: ArgumentVector {
    unsafe ArgumentVector(count: CommandLine.argc, pointers: CommandLine.unsafeArgv)
  }

  /// The arguments after the program's name. Names that are not UTF-8 are refused, because a
  /// manifest cannot hold them and they cannot be shown.
  func words() throws -> [String] {
    var words: [String] = []
    for index in 1..<max(1, Int(count)) {
      guard let pointer = unsafe pointers[index] else { break }
      guard let word = unsafe String(validatingCString: pointer) else {
        throw UsageError(
          problem: unsafe "argument \(index) is not UTF-8: \(quoted(String(cString: pointer)))",
          fix: "Rename the file, or name the folder that it is in.")
      }
      words.append(word)
    }
    return words
  }
}
