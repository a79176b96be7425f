import Glibc

/// A temporary folder of logs. It is removed with its contents when this object is released.
final class LogFixture {
  let path: String

  init() {
    var template = Array("/tmp/chartmill-logs-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("mkdtemp: \(errno)") }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    Self.remove(path)
  }

  private static func remove(_ path: String) {
    if let stream = opendir(path) {
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
        if name == [46] || name == [46, 46] { continue }
        var full = Array(path.utf8) + [47] + name + [0]
        full.withUnsafeMutableBytes {
          let child = $0.bindMemory(to: CChar.self)
          if let child = child.baseAddress, unlink(child) != 0 { rmdir(child) }
        }
      }
      closedir(stream)
    }
    rmdir(path)
  }

  @discardableResult
  func write(_ name: String, _ text: String = "1|2|FR\n") -> String {
    writeBytes(Array(name.utf8), text)
    return "\(path)/\(name)"
  }

  /// Writes a log whose name need not be UTF-8.
  func writeBytes(_ name: [UInt8], _ text: String) {
    let full = (Array(path.utf8) + [47] + name + [0]).map(CChar.init(bitPattern:))
    let descriptor = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { fatalError("open: \(errno)") }
    var text = text
    text.withUTF8 { _ = Glibc.write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
  }

  func makeFolder(_ name: String) -> String {
    mkdir("\(path)/\(name)", 0o700)
    return "\(path)/\(name)"
  }

  func makeFifo(_ name: String) -> String {
    mkfifo("\(path)/\(name)", 0o600)
    return "\(path)/\(name)"
  }

  @discardableResult
  func link(_ name: String, to target: String) -> String {
    symlink(target, "\(path)/\(name)")
    return "\(path)/\(name)"
  }
}
