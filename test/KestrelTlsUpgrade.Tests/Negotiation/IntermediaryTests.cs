using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Tests.Negotiation;

public sealed class IntermediaryTests
{
    /// <summary>One real field for every family, as its vendor documents it.</summary>
    private static readonly Dictionary<string, string[]> Members = new()
    {
        ["X-Forwarded-*"] = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Client-Cert"],
        ["X-Original-*"] = ["X-Original-URL", "X-Original-Host", "X-Original-Forwarded-For", "X-Original-Proto"],
        ["SSL-Client-*"] = ["SSL-Client-Verify", "SSL-Client-Subject-DN"],
        ["X-SSL-*"] = ["X-SSL-Client-Cert", "X-SSL-Client-Verify"],
        ["X-Envoy-*"] = ["X-Envoy-External-Address", "X-Envoy-Expected-Rq-Timeout-Ms"],
        ["L5d-*"] = ["l5d-client-id"],
        ["WL-Proxy-*"] = ["WL-Proxy-Client-IP", "WL-Proxy-SSL"],
        ["$WS*"] = ["$WSRA", "$WSIS"],
        ["CF-Connecting-*"] = ["CF-Connecting-IP", "CF-Connecting-IPv6"],
        ["Fastly-*"] = ["Fastly-Client-IP", "Fastly-FF", "Fastly-SSL"],
        ["X-Azure-*"] = ["X-Azure-ClientIP", "X-Azure-FDID", "X-Azure-Ref"],
        ["X-FD-*"] = ["X-FD-HealthProbe"],
        ["X-AppGW-*"] = ["X-AppGW-Trace-Id"],
        ["X-ARR-*"] = ["X-ARR-LOG-ID", "X-ARR-SSL", "X-ARR-ClientCert"],
        ["CloudFront-*"] = ["CloudFront-Viewer-Address", "CloudFront-Forwarded-Proto"],
        ["X-Amz-Cf-*"] = ["X-Amz-Cf-Id"],
        ["X-Amzn-Mtls-*"] = ["X-Amzn-Mtls-Clientcert", "X-Amzn-Mtls-Clientcert-Leaf"],
        ["X-Amzn-Oidc-*"] = ["X-Amzn-Oidc-Identity"],
        ["X-Amzn-Tls-*"] = ["X-Amzn-Tls-Version"],
        ["X-Appengine-*"] = ["X-Appengine-User-IP", "X-Appengine-Country"],
        ["Akamai-*"] = ["Akamai-Origin-Hop"],
        ["X-Akamai-*"] = ["X-Akamai-Edgescape"],
        ["Incap-*"] = ["Incap-Client-IP"],
        ["X-Sucuri-*"] = ["X-Sucuri-ClientIP"],
        ["Ali-CDN-*"] = ["Ali-CDN-Real-IP"],
        ["Fly-*"] = ["Fly-Client-IP"],
        ["X-Nf-*"] = ["X-Nf-Client-Connection-Ip"],
        ["X-Vercel-*"] = ["X-Vercel-Forwarded-For"],
    };

    public static TheoryData<string> Names => [.. ProxyFields.All.SelectMany(GetMembers)];

    [Theory]
    [MemberData(nameof(Names))]
    public void IsShownBy_FieldOfProxy_IsTrueBothWaysAndInAnyCase(string name)
    {
        foreach (var spelling in new[] { name, name.ToLowerInvariant(), name.ToUpperInvariant() })
        {
            Assert.True(Intermediary.IsShownBy(spelling), spelling);
            Assert.True(Intermediary.IsShownBy(new HeaderDictionary { ["Host"] = "a", [spelling] = "x" }), spelling);
            Assert.Null(UpgradeHeads.Read(UpgradeHeads.Create("GET / HTTP/1.1", $"{spelling}: x")));
            Assert.NotNull(UpgradeHeads.Read(UpgradeHeads.Create("GET / HTTP/1.1", $"{spelling}: x"), Policies.Create(allowBehindProxy: true)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void IsShownBy_NearMissOfARow_IsFalseBothWays(string name)
    {
        var field = ProxyFields.All.Single(field => GetMembers(field).Contains(name));
        string[] misses = [field.Stem[..^1], field.Stem[1..], "Q" + field.Stem, field.IsFamily ? field.Stem[..^1] + 'Q' : name + 'Q'];
        foreach (var miss in misses.Except(ProxyFields.All.Select(static other => other.Stem)))
        {
            AssertIsAClient(miss);
        }
    }

    /// <summary>
    /// What clients send by themselves: the contexts and ids of traces, credentials for what is in front of a server, and whatever
    /// else begins like a row of the table.
    /// </summary>
    [Theory]
    [InlineData("traceparent")]
    [InlineData("tracestate")]
    [InlineData("baggage")]
    [InlineData("b3")]
    [InlineData("X-B3-TraceId")]
    [InlineData("X-Ot-Span-Context")]
    [InlineData("uber-trace-id")]
    [InlineData("sentry-trace")]
    [InlineData("X-Datadog-Trace-Id")]
    [InlineData("X-Cloud-Trace-Context")]
    [InlineData("X-Amzn-Trace-Id")]
    [InlineData("X-Amzn-RequestId")]
    [InlineData("X-Amz-Date")]
    [InlineData("X-Amz-Content-Sha256")]
    [InlineData("X-Goog-Api-Key")]
    [InlineData("x-ms-client-request-id")]
    [InlineData("X-Request-Id")]
    [InlineData("X-Correlation-Id")]
    [InlineData("Request-Id")]
    [InlineData("CF-Access-Client-Id")]
    [InlineData("CF-Access-Client-Secret")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Proxy-Connection")]
    [InlineData("X-Requested-With")]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("Upgrade-Insecure-Requests")]
    [InlineData("User-Agent")]
    [InlineData("Accept")]
    [InlineData("Cookie")]
    [InlineData("Origin")]
    [InlineData("TE")]
    [InlineData("Vary")]
    public void IsShownBy_FieldOfClients_IsFalseBothWays(string name) => AssertIsAClient(name);

    [Theory]
    [InlineData("")]
    [InlineData("V")]
    [InlineData("Vi")]
    [InlineData("X-Via")]
    [InlineData("Vıa")]
    [InlineData("X-Real-IP-2")]
    [InlineData("XX-Forwarded-For")]
    public void IsShownBy_NameLikeNone_IsFalse(string name) => Assert.False(Intermediary.IsShownBy(name));

    [Fact]
    public void IsShownBy_AnyName_AllocatesNothing()
    {
        string[] names = [.. Names, "Host", "User-Agent", "X-Request-Id"];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var count = 0;
        foreach (var name in names)
        {
            count += Intermediary.IsShownBy(name.AsSpan()) ? 1 : 0;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(names.Length - 3, count);
    }

    [Fact]
    public void Table_EachRowSaysSomethingNew()
    {
        Assert.Equal(ProxyFields.All.Where(static field => field.IsFamily).Select(static field => field.Name).Order(), Members.Keys.Order());
        Assert.All(ProxyFields.All, static field =>
        {
            Assert.NotEmpty(field.Reason);
            Assert.True(field.Stem.Length >= 3, field.Name);
            Assert.Single(ProxyFields.All, other => other.Covers(field.Stem));
        });
    }

    private static string[] GetMembers(ProxyField field) => field.IsFamily ? [field.Stem, .. Members[field.Name]] : [field.Name];

    private static void AssertIsAClient(string name)
    {
        Assert.False(Intermediary.IsShownBy(name), name);
        Assert.False(Intermediary.IsShownBy(new HeaderDictionary { ["Host"] = "a", [name] = "x" }), name);
        Assert.True(UpgradeHeads.Read(UpgradeHeads.Create("GET / HTTP/1.1", $"{name}: x")) is not null, name);
    }
}
