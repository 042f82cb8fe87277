using KestrelTlsUpgrade.Internal.Tls;

namespace KestrelTlsUpgrade.Tests.Tls;

public sealed class ServerNameTableTests
{
    private static readonly string[] Entries = ["a.test", "*.test", "*.b.test", "x.b.test", "bücher.test", "*.käse.test", "*literal"];

    [Theory]
    [InlineData("a.test", "a.test")]
    [InlineData("A.Test", "a.test")]
    [InlineData("c.test", "*.test")]
    [InlineData("d.c.test", "*.test")]
    [InlineData("y.b.test", "*.b.test")]
    [InlineData("x.b.test", "x.b.test")]
    [InlineData("z.x.b.test", "*.b.test")]
    [InlineData("b.test", "*.test")]
    [InlineData("bücher.test", "bücher.test")]
    [InlineData("x.käse.test", "*.käse.test")]
    [InlineData("test", null)]
    [InlineData("atest", null)]
    [InlineData("other.example", null)]
    [InlineData("*literal", "*literal")]
    [InlineData("literal", null)]
    [InlineData("127.0.0.1", null)]
    [InlineData("", null)]
    public void Find_ExactThenLongestSuffix(string name, string? expected) => Assert.Equal(expected, Create(Entries).Find(name));

    /// <summary>Kestrel takes a name as it came, and this must come to the same entry.</summary>
    [Fact]
    public void Find_NameWithDot_IsAnotherName() => Assert.Null(Create(Entries).Find("a.test."));

    [Theory]
    [InlineData("a.test", "a.test")]
    [InlineData("a.test.", "a.test")]
    [InlineData("xn--bcher-kva.test", "bücher.test")]
    [InlineData("XN--BCHER-KVA.test.", "bücher.test")]
    [InlineData("x.xn--kse-qla.test", "*.käse.test")]
    [InlineData("xn--.test", "*.test")]
    public void FindByHost_AsItsClientWouldSendTheName(string host, string expected) =>
        Assert.Equal(expected, Create(Entries).FindByHost(host));

    [Theory]
    [InlineData("a.test", "a.test")]
    [InlineData("a.test.", "*")]
    [InlineData("other.example", "*")]
    [InlineData("127.0.0.1", "*")]
    [InlineData("", "*")]
    public void Find_OneForAll_IsLast(string name, string expected) => Assert.Equal(expected, Create(["*", .. Entries]).Find(name));

    [Fact]
    public void IsEmpty_WithoutEntries() =>
        Assert.Equal((true, false, false), (Create([]).IsEmpty, Create(["a.test"]).IsEmpty, Create(["*"]).IsEmpty));

    private static ServerNameTable<string> Create(string[] names) => new(names.Select(static name => KeyValuePair.Create(name, name)));
}
