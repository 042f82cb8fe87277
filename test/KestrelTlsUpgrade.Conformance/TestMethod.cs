namespace KestrelTlsUpgrade.Conformance;

/// <summary>A test with all its cases.</summary>
/// <param name="Name">Class and method, without the namespace.</param>
/// <param name="Status">That of its worst case.</param>
/// <param name="Requirements">The rows it names.</param>
internal sealed record TestMethod(string Name, TestStatus Status, IReadOnlyList<string> Requirements);
