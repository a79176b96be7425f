extension Manifest {
  /// Of the outputs.
  var encoding: ChartEncoding {
    var encoding = ChartEncoding()
    encoding.format = chartFormat
    encoding.compresses = outputs.first?.name.hasSuffix(".gz") ?? false
    return encoding
  }

  /// Some KiB a log and a reason; far above any window's.
  private static let mostBytes = 64 << 20

  /// The manifest of that name in a folder; nil when there is none, or it cannot be understood.
  static func published(_ name: String, in folder: String) throws(JobError) -> Manifest? {
    let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    do throws(SystemError) {
      let file: File
      do {
        file = try File.open(reading: path)
      } catch {
        if error.isNotFound { return nil }
        throw error
      }
      let status = try file.status()
      guard status.isRegular, status.byteCount <= mostBytes else { return nil }
      let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: status.byteCount, alignment: 1)
      defer { memory.deallocate() }
      let count = try file.read(into: memory, at: 0)
      return try? Manifest(json: [UInt8](memory[..<count]))
    } catch {
      throw .input(error)
    }
  }
}
