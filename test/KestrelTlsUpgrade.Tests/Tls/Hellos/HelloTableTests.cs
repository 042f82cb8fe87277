using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;

namespace KestrelTlsUpgrade.Tests.Tls.Hellos;

/// <summary>Hellos.md says of every captured ClientHello what is in it.</summary>
public sealed class HelloTableTests
{
    private static readonly string[][] Rows =
    [
        .. File.ReadAllLines(HelloCorpus.TablePath).Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1]),
    ];

    public static TheoryData<string> Names => [.. HelloCorpus.Names];

    [Fact]
    public void Table_EveryFile_HasItsRow() => Assert.Equal(HelloCorpus.Names, Rows.Select(static row => row[0]));

    [Theory]
    [MemberData(nameof(Names))]
    public void Table_Row_SaysWhatIsInTheHello(string name)
    {
        var octets = HelloCorpus.Read(name);
        var hello = WireHello.Read(octets).Hello;
        Assert.NotNull(hello);
        string[] measured =
        [
            hello.ServerName ?? "none",
            hello.Protocols.Count == 0 ? "none" : string.Join(", ", hello.Protocols),
            hello.Versions.Where(static version => version >> 8 == 3).Max() switch
            {
                0x0304 => "1.3",
                0x0303 => "1.2",
                var other => $"{other:x4}",
            },
            hello.HasGrease ? "yes" : "no",
            hello.HasEncryptedHello ? "yes" : "no",
            $"{octets.Length}",
        ];
        var row = Rows.SingleOrDefault(row => row[0] == name) ?? [];
        Assert.True(row.Skip(2).SequenceEqual(measured), $"Measured: | {name} | {row.ElementAtOrDefault(1)} | {string.Join(" | ", measured)} |");
    }

    /// <summary>Modern browsers show themselves by GREASE or ECH, and no client that upgrades does.</summary>
    [Fact]
    public void Table_Browsers_AreTheOnesWithGreaseOrEncryptedHello()
    {
        var browsers = Rows.Where(static row => row[5] == "yes" || row[6] == "yes").Select(static row => row[0]);
        Assert.Equal(HelloCorpus.Names.Where(static name => name.StartsWith("chromium", StringComparison.Ordinal) || name.StartsWith("firefox", StringComparison.Ordinal)), browsers);
    }
}
