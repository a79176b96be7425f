import Glibc

/// The changes to the names in a folder, in order, as the kernel reports them (inotify). Hidden
/// names are left out.
final class FolderEvents {
  private let descriptor: Int32

  init?(_ path: String) {
    descriptor = inotify_init1(Int32(IN_NONBLOCK))
    guard
      inotify_add_watch(descriptor, path, UInt32(IN_DELETE | IN_CREATE | IN_MOVED_TO)) >= 0
    else { return nil }
  }

  deinit {
    close(descriptor)
  }

  /// Returns the events since the last call: `delete NAME`, `create NAME`, `rename NAME`.
  func take() -> [String] {
    var events: [String] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 8)
    defer { buffer.deallocate() }
    let header = MemoryLayout<inotify_event>.size
    while true {
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      guard count > 0 else { return events }
      var offset = 0
      while offset < count {
        // An event has four fields of 32 bits (wd, mask, cookie, len) and then `len` bytes of name.
        let mask = buffer.load(fromByteOffset: offset + 4, as: UInt32.self)
        let length = Int(buffer.load(fromByteOffset: offset + 12, as: UInt32.self))
        let bytes = buffer[offset + header..<offset + header + length].prefix { $0 != 0 }
        let name = String(decoding: bytes, as: UTF8.self)
        let kind =
          mask & UInt32(IN_DELETE) != 0
          ? "delete" : mask & UInt32(IN_CREATE) != 0 ? "create" : "rename"
        if !name.hasPrefix(".") { events.append("\(kind) \(name)") }
        offset += header + length
      }
    }
  }
}
