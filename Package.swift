// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// For the targets that read and write gzip.
let codec: [SwiftSetting] = [.define("CHARTMILL_ISAL", .when(traits: ["ISAL"]))]

let package = Package(
  name: "chartmill",
  products: [
    .executable(name: "chartmill", targets: ["ChartmillCLI"])
  ],
  traits: [
    .trait(name: "ISAL", description: "Reads gzip with ISA-L, twice as fast as with zlib alone.")
  ],
  targets: [
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
    .systemLibrary(name: "CLinux"),
    .target(
      name: "ChartmillCore",
      dependencies: [
        "CZlib", "CLinux", .target(name: "CISAL", condition: .when(traits: ["ISAL"])),
      ],
      swiftSettings: strict + codec),
    .executableTarget(
      name: "ChartmillCLI", dependencies: ["ChartmillCore", "CLinux"], swiftSettings: strict),
    .testTarget(
      name: "ChartmillTests", dependencies: ["ChartmillCore", "ChartmillCLI"],
      swiftSettings: strict),
  ]
)
