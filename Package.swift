// swift-tools-version: 6.0
import Foundation
import PackageDescription

// ISA-L is optional: it is used when its header is installed (Debian: libisal-dev), unless
// CHARTMILL_CODEC=zlib asks for the build that needs nothing but zlib.
let wantsISAL =
  Context.environment["CHARTMILL_CODEC"] != "zlib"
  && FileManager.default.fileExists(atPath: "/usr/include/isa-l.h")

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "chartmill",
  products: [
    .executable(name: "chartmill", targets: ["ChartmillCLI"])
  ],
  targets: [
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CLinux"),
    .target(
      name: "ChartmillCore",
      dependencies: ["CZlib", "CLinux"] + (wantsISAL ? ["CISAL"] : []),
      swiftSettings: strict + (wantsISAL ? [.define("CHARTMILL_ISAL")] : [])),
    .executableTarget(
      name: "ChartmillCLI", dependencies: ["ChartmillCore", "CLinux"], swiftSettings: strict),
    .testTarget(
      name: "ChartmillTests", dependencies: ["ChartmillCore", "ChartmillCLI"],
      swiftSettings: strict),
  ]
    + (wantsISAL
      ? [.systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])])]
      : [])
)
