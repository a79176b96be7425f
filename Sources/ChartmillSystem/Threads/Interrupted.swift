/// A signal asked the process to stop.
package struct Interrupted: Error, Sendable, Equatable {
  /// SIGINT or SIGTERM.
  package let signal: Int32
}
