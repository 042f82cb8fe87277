using System.Buffers;
using System.Security.Authentication;
using System.Text;
using CsCheck;
using KestrelTlsUpgrade.Fuzzing.Targets;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Sniffing;

namespace KestrelTlsUpgrade.PropertyTests;

/// <summary>What the server's readers must not miss: a reader that accepts nothing would keep the rules of the targets, too.</summary>
public sealed class ServerReaderPropertyTests
{
    private static readonly Gen<string> Method = Gen.OneOf("GET", "HEAD", "OPTIONS");

    private static readonly Gen<string> Offer = Gen.OneOf("TLS/1.0", "TLS/1.2", "tls", "h2c, TLS/1.3", "TLS/1.2,TLS/1.1 , TLS/1.0");

    [Fact]
    public void Read_PlainUpgrade_IsAcceptedAndReplayed() =>
        Gen.Select(Method, Messages.Target, Messages.Name, Offer, Messages.Field.Array[0, 8], Messages.Choices).Sample(
            (method, target, host, offer, fields, choices) =>
            {
                var line = $"{method} {target} HTTP/1.1";
                var head = Messages.Join(
                    [line, $"Host: {host}", $"Upgrade: {offer}", "Connection: Upgrade", .. fields.Select(Messages.ToLine)]);
                var input = Messages.ToInput(choices, Encoding.ASCII.GetBytes(head));

                Assert.Equal(head.Length, FirstBytes.FindUpgradeHead(input.Wire));
                var upgrade = UpgradeHeadReader.Read(input.CutWire(), UpgradeHeadTarget.UpgradePolicies[0]);
                Assert.NotNull(upgrade);
                Assert.Equal(host, upgrade.Host);
                var replay = Messages.Join([line, $"Host:{host}", .. fields.Select(static field => $"{field.Name}:{field.Value}")]);
                Assert.Equal(replay, Encoding.ASCII.GetString(upgrade.Head.Span));
            },
            iter: 5000);

    [Fact]
    public void Select_OwnOffer_IsHighestVersionThatBothHave() =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3]).Sample((offered, enabled) =>
        {
            var offer = new UpgradeOffer();
            offer.Add(UpgradeTokenText.FormatOffer(ToVersions(offered)));
            var both = offered & enabled;
            Assert.Equal(
                both == 0 ? UpgradeToken.None : (both & 2) != 0 ? UpgradeToken.Tls13 : UpgradeToken.Tls12,
                offer.Select(ToVersions(enabled), strict: true));
        });

    [Fact]
    public void Classify_HandshakeRecord_IsTlsFromItsFirstByte() =>
        Gen.Byte.Array[0, 20].Sample(bytes =>
        {
            byte[] record = [0x16, .. bytes];
            Assert.Equal(ArrivalKind.Tls, FirstBytes.Classify(new ReadOnlySequence<byte>(record, 0, 1)));
            Assert.Equal(ArrivalKind.Tls, FirstBytes.Classify(new ReadOnlySequence<byte>(record)));
        });

    private static SslProtocols ToVersions(int bits) =>
        ((bits & 1) != 0 ? SslProtocols.Tls12 : 0) | ((bits & 2) != 0 ? SslProtocols.Tls13 : 0);
}
