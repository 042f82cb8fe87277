using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Tests.Support;

/// <summary>The ClientHellos of real clients, as they came over TCP.</summary>
internal static class HelloCorpus
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Hellos");

    public static string TablePath => Path.Combine(Folder, "Hellos.md");

    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetFiles(Folder, "*.bin").Select(static path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name + ".bin"));

    /// <summary>The handshake message of a hello, without the headers of its records.</summary>
    public static byte[] ReadMessage(string name) => WireHello.Read(Read(name)).Message!;
}
