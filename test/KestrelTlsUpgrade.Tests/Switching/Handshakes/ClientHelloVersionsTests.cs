using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Switching.Handshakes;

namespace KestrelTlsUpgrade.Tests.Switching.Handshakes;

public sealed class ClientHelloVersionsTests
{
    private const SslProtocols None = SslProtocols.None;

    [Theory]
    [InlineData("47")]
    [InlineData("00")]
    [InlineData("14")]
    [InlineData("80")]
    public void Read_NoTls_SaysSo(string bytes) => Assert.Equal((false, None), Read(bytes));

    [Theory]
    [InlineData("")]
    public void Read_Nothing_IsNoTls(string bytes) => Assert.Equal((false, None), Read(bytes));

    [Theory]
    [InlineData("16")]
    [InlineData("15 03 03 00 02 02 28")]
    [InlineData("16 03 01 00 05 02 00 00 01 00")]
    public void Read_AnotherRecord_IsTlsThatOffersNothing(string bytes) => Assert.Equal((true, None), Read(bytes));

#pragma warning disable CA5397, CS0618, SYSLIB0039 // What clients offer.
    [Theory]
    [InlineData("03 00", "", SslProtocols.Ssl3)]
    [InlineData("03 01", "", SslProtocols.Tls)]
    [InlineData("03 02", "00 00", SslProtocols.Tls11)]
    [InlineData("03 03", "00 05 00 17 00 01 00", SslProtocols.Tls12)]
    [InlineData("03 03", "00 07 00 2B 00 03 02 03 04", SslProtocols.Tls13)]
    [InlineData("03 03", "00 09 00 2B 00 05 04 03 04 03 03", SslProtocols.Tls13 | SslProtocols.Tls12)]
    [InlineData("03 03", "00 0D 00 0A 00 00 00 2B 00 05 04 7A 7A 03 02", SslProtocols.Tls11)]
    [InlineData("03 03", "00 07 00 2B 00 03 02 03 09", SslProtocols.None)]
    public void Read_ClientHello_TellsTheVersions(string legacyVersion, string extensions, SslProtocols expected) =>
        Assert.Equal((true, expected), Read(Hello(legacyVersion, extensions)));
#pragma warning restore CA5397, CS0618, SYSLIB0039

    /// <summary>What is cut off is no offer that can be told, and never more than there is in it.</summary>
    [Fact]
    public void Read_CutAnywhere_TellsNothingElse()
    {
        var hello = Convert.FromHexString(Hello("03 03", "00 07 00 2B 00 03 02 03 04").Replace(" ", "", StringComparison.Ordinal));
        for (var length = 1; length < hello.Length; length++)
        {
            var (isTls, offered) = ClientHelloVersions.Read(hello.AsSpan(0, length));
            Assert.True(isTls);

            // Without its extensions it looks like one that never had any.
            Assert.True(offered is None || (offered is SslProtocols.Tls12 && length == hello.Length - 9), $"{offered} in {length} bytes");
        }
    }

    private static string Hello(string legacyVersion, string extensions) =>
        "16 03 01 00 00 01 00 00 00 " + legacyVersion + string.Concat(Enumerable.Repeat(" AA", 32))
        + " 01 BB 00 02 C0 2B 01 00 " + extensions;

    private static (bool IsTls, SslProtocols Offered) Read(string bytes) =>
        ClientHelloVersions.Read(Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)));
}
