using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Tests.Support;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Tunnel.Tests.Interop;

/// <summary>How real clients go on after a 407, which keeps the connection.</summary>
public sealed class ChallengeClientTests
{
    /// <summary>The port of the client's connection, and the scheme of its credentials.</summary>
    private readonly ConcurrentQueue<(int Port, string Scheme)> _asked = [];

    private static Task<UpgradeServer> StartOriginAsync() => UpgradeServer.StartAsync(builder =>
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(TestCertificates.Server))));

    private Task<UpgradeServer> StartProxyAsync(
        string scheme = "Basic",
        Func<ConnectTunnelAuthorizationContext, bool>? isOpen = null,
        Action<IServiceCollection>? services = null) => TunnelProxy.StartAsync(
        options => options.Authorize = context =>
        {
            _asked.Enqueue((((IPEndPoint)context.Caller!).Port, context.ProxyAuthorization?.Split(' ')[0] ?? "none"));
            return new(isOpen?.Invoke(context) == true || IsAnswer(context.ProxyAuthorization, scheme)
                ? ConnectTunnelAuthorizationResult.Allow
                : ConnectTunnelAuthorizationResult.Challenge(scheme == "Basic" ? "Basic realm=\"proxy\"" : "Digest realm=\"proxy\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256"));
        },
        services: services);

    private static bool IsAnswer(string? credentials, string scheme) => scheme == "Basic"
        ? credentials == "Basic dXNlcjpzZWNyZXQ="
        : credentials?.StartsWith("Digest username=\"user\"", StringComparison.Ordinal) == true;

    private void AssertChallenged(int connections, string scheme = "Basic")
    {
        Assert.Equal(["none", scheme], _asked.Select(static asked => asked.Scheme));
        Assert.Equal(connections, _asked.DistinctBy(static asked => asked.Port).Count());
    }

    [Theory]
    [InlineData("--proxy-anyauth", "Basic")]
    [InlineData("--proxy-anyauth", "Digest")]
    [InlineData("--proxy-digest", "Digest")]
    public async Task P24_Curl_OneConnection(string option, string scheme)
    {
        await using var origin = await StartOriginAsync();
        await using var proxy = await StartProxyAsync(scheme);
        var (code, output) = await Peers.RunAsync(
            "", "curl", "-sS", "-k", "--noproxy", "", "-U", "user:secret", option, "-x", $"http://127.0.0.1:{proxy.Port}",
            $"https://127.0.0.1:{origin.Port}/x");
        Assert.True(code == 0, output);
        Assert.Contains("GET /x scheme=https", output);
        AssertChallenged(connections: 1, scheme);
    }

    [Fact]
    public async Task P24_DotNet_OneConnection()
    {
        await using var origin = await StartOriginAsync();
        await using var proxy = await StartProxyAsync();
        using var client = CreateClient(proxy.Port, new NetworkCredential("user", "secret"));
        Assert.Contains("GET /x scheme=https", await client.GetStringAsync($"https://localhost:{origin.Port}/x"));
        AssertChallenged(connections: 1);
    }

    /// <summary>It may use a connection that was challenged again, for a destination that needs no credentials.</summary>
    [Fact]
    public async Task P23_DotNet_WithoutCredentialsForAnotherDestination_IsServed()
    {
        await using var origin = await StartOriginAsync();
        await using var proxy = await StartProxyAsync(isOpen: context => context.Host == "localhost");
        using var client = CreateClient(proxy.Port, null);
        for (var i = 0; i < 2; i++)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync($"https://127.0.0.1:{origin.Port}/x"));
            Assert.Contains("GET /x scheme=https", await client.GetStringAsync($"https://localhost:{origin.Port}/x"));
        }
    }

    /// <summary>
    /// Its connections to the proxy are for all destinations: an answer may take a connection that was challenged for another one, and
    /// finds it closed.
    /// </summary>
    [Theory]
    [InlineData("Basic")]
    [InlineData("Digest")]
    public async Task P24_DotNet_ManyDestinationsAtATime_AllAreServed(string scheme)
    {
        const int Destinations = 32;
        await using var origin = await StartOriginAsync();
        var names = Enumerable.Range(0, Destinations).Select(static i => $"{i}.localhost.test").ToArray();
        var resolver = new FakeResolver();
        foreach (var name in names)
        {
            resolver.Add(name, ["127.0.0.1"]);
        }

        await using var proxy = await StartProxyAsync(scheme, services: services => services.Resolve(resolver));
        using var client = CreateClient(proxy.Port, new NetworkCredential("user", "secret"));
        var answers = await Task.WhenAll(names.Select(name => client.GetStringAsync($"https://{name}:{origin.Port}/x")));
        Assert.All(answers, static answer => Assert.Contains("GET /x scheme=https", answer, StringComparison.Ordinal));
    }

    /// <summary>Both of Java's clients close the connection themselves, whatever the 407 says.</summary>
    [Theory]
    [InlineData("HttpClient")]
    [InlineData("HttpURLConnection")]
    public async Task P24_Java_TwoConnections(string kind)
    {
        await using var origin = await StartOriginAsync();
        await using var proxy = await StartProxyAsync();
        var (code, output) = await Peers.RunAsync(
            "", "java", "-Djdk.internal.httpclient.disableHostnameVerification=true", "-Djdk.http.auth.tunneling.disabledSchemes=",
            Path.Combine(AppContext.BaseDirectory, "Interop", "JavaTunnel.java"),
            $"{proxy.Port}", $"https://localhost:{origin.Port}/x", "user", "secret", kind);
        Assert.True(code == 0, output);
        Assert.Contains("200 GET /x scheme=https", output);
        AssertChallenged(connections: 2);
    }

    /// <summary>It opens connections ahead, too.</summary>
    [Fact]
    public async Task P24_Chromium_AnswersOnTheSameConnection()
    {
        await using var origin = await StartOriginAsync();
        await using var proxy = await StartProxyAsync();
        await using var page = await ChromiumPage.OpenAsync(
            $"https://localhost:{origin.Port}/x", proxy: $"http://127.0.0.1:{proxy.Port}", credentials: new("user", "secret"));
        Assert.Contains("GET /x scheme=https", (await page.EvaluateAsync("document.body.innerText"))!.GetValue<string>());
        Assert.Contains(
            _asked.GroupBy(static asked => asked.Port), connection => connection.Select(static asked => asked.Scheme).SequenceEqual(["none", "Basic"]));
    }

    private static HttpClient CreateClient(int proxy, NetworkCredential? credentials) => new(new SocketsHttpHandler
    {
        Proxy = new WebProxy($"http://127.0.0.1:{proxy}") { Credentials = credentials },
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    });
}
