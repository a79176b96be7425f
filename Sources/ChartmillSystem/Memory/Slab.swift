internal import Glibc

/// A fixed piece of memory, mapped once and carved into typed parts. It does not grow, and its
/// pages become resident only when they are touched.
///
/// Unchecked Sendable: a slab belongs to one worker at a time; the job hands it on between phases,
/// when no worker runs.
package final class Slab: @unchecked Sendable {
  package let byteCount: Int
  private let base: UnsafeMutableRawPointer
  private var used = 0

  /// - Throws: `SystemError` (`mmap`) when the address space is limited.
  package init(byteCount: Int) throws(SystemError) {
    let mapped = mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let mapped, mapped != MAP_FAILED else {
      throw SystemError("mmap", "\(byteCount) bytes of memory", .writing)
    }
    // Scattering writes to hundreds of places at once; large pages spare the address look-ups.
    // A hint: where there are none, the slab works as well.
    madvise(mapped, byteCount, MADV_HUGEPAGE)
    base = mapped
    self.byteCount = byteCount
  }

  deinit {
    munmap(base, byteCount)
  }

  /// Bytes not carved yet.
  package var remaining: Int { byteCount - used }

  /// The next `count` bytes, aligned to 64.
  ///
  /// - Precondition: they are there.
  package func carve(_ count: Int) -> UnsafeMutableRawBufferPointer {
    let rounded = (count + 63) & ~63
    precondition(rounded <= remaining, "the memory plan promised this room")
    defer { used += rounded }
    return UnsafeMutableRawBufferPointer(start: base + used, count: count)
  }

  /// The next `capacity` values of a type, not initialised.
  package func carve<Value: BitwiseCopyable>(_ type: Value.Type, _ capacity: Int)
    -> UnsafeMutablePointer<Value>
  {
    let rounded = (capacity * MemoryLayout<Value>.stride + 63) & ~63
    precondition(rounded <= remaining, "the memory plan promised this room")
    defer { used += rounded }
    return (base + used).bindMemory(to: type, capacity: capacity)
  }

  /// Forgets all parts, for the next phase. Parts carved before must not be used any more.
  package func reset() {
    used = 0
  }
}
