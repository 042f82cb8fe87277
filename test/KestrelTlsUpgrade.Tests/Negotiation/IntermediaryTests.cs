using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Tests.Negotiation;

public sealed class IntermediaryTests
{
    [Theory]
    [InlineData("Via")]
    [InlineData("via")]
    [InlineData("VIA")]
    [InlineData("Forwarded")]
    [InlineData("forwarded")]
    [InlineData("X-Real-IP")]
    [InlineData("x-real-ip")]
    [InlineData("X-Forwarded-For")]
    [InlineData("x-forwarded-proto")]
    [InlineData("X-FORWARDED-HOST")]
    [InlineData("X-Forwarded-Client-Cert")]
    [InlineData("X-Forwarded-")]
    public void IsShownBy_FieldOfProxy_IsTrue(string name) => Assert.True(Intermediary.IsShownBy(name));

    [Theory]
    [InlineData("")]
    [InlineData("Vi")]
    [InlineData("Viaa")]
    [InlineData("Vary")]
    [InlineData("X-Via")]
    [InlineData("Forwarde")]
    [InlineData("Forwarder")]
    [InlineData("Forwarded-For")]
    [InlineData("X-Forwarded")]
    [InlineData("X-Real-ID")]
    [InlineData("X-Real-IP-2")]
    [InlineData("XX-Forwarded-For")]
    [InlineData("Host")]
    [InlineData("User-Agent")]
    public void IsShownBy_OtherField_IsFalse(string name) => Assert.False(Intermediary.IsShownBy(name));
}
