/// Pointers to bytes, for calls of C libraries.
///
/// C accesses any memory as bytes, whatever type Swift has bound it to. Use these pointers only for
/// such calls; Swift code binds memory where it is allocated.
extension UnsafeMutableRawBufferPointer {
  package var bytes: UnsafeMutablePointer<UInt8>? {
    unsafe baseAddress?.assumingMemoryBound(to: UInt8.self)
  }
}

extension UnsafeRawBufferPointer {
  package var bytes: UnsafePointer<UInt8>? {
    unsafe baseAddress?.assumingMemoryBound(to: UInt8.self)
  }
}
