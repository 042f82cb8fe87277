using System.Net;
using System.Security.Cryptography;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>Large content and trailers over TLS on an upgrade endpoint.</summary>
public sealed class ContentTests
{
    private const int Length = 64 * 1024 * 1024 + 1;

    private static readonly byte[] Content = CreateContent();

    [Fact]
    public async Task LargeUploadAndDownload_OverUpgradedConnection_Unharmed()
    {
        await using var server = await StartAsync();
        using var client = new HttpClient(UpgradingHttpHandler.Create(server.EndPoint));
        var hash = Convert.ToHexString(SHA256.HashData(Content));

        using var upload = await client.PostAsync("http://localhost/hash", new ByteArrayContent(Content), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, upload.StatusCode);
        Assert.Equal(hash, await upload.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        using var download = await client.GetAsync(
            "http://localhost/download", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var stream = await download.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        Assert.Equal(hash, Convert.ToHexString(await SHA256.HashDataAsync(stream, TestContext.Current.CancellationToken)));
    }

    /// <summary>Many megabytes that the client goes on sending are neither read nor in the way of the answer.</summary>
    [Fact]
    public async Task LargeUpload_ClearText_RefusedUnread()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"POST /hash HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Length}\r\n\r\nhello");
        Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task RequestTrailers_OverUpgradedConnection_Arrive()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(Request("OPTIONS", "*"));
        await connection.ReadResponseAsync();
        await connection.SendAsync(
            "POST /trailer HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n");
        Assert.Equal("6", (await connection.ReadResponseAsync()).Content);
    }

    [Fact]
    public async Task ResponseTrailers_OverDirectTls_Arrive()
    {
        await using var server = await StartAsync();
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        using var client = new HttpClient(handler)
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await client.GetAsync($"https://localhost:{server.Port}/trailers", TestContext.Current.CancellationToken);
        Assert.Equal("abc", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("6", response.TrailingHeaders.GetValues("X-Sum").Single());
    }

    private static Task<UpgradeServer> StartAsync() => UpgradeServer.StartAsync(
        server: options => options.Limits.MaxRequestBodySize = null,
        app: app =>
        {
            var group = app.MapGroup("").RequireTlsUpgrade();
            group.MapPost("/hash", async context => await context.Response.WriteAsync(
                Convert.ToHexString(await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted))));
            group.MapGet("/download", () => Results.Bytes(Content));
            group.MapPost("/trailer", async (HttpContext context) =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
                return context.Request.GetTrailer("X-Sum").ToString();
            });
            group.MapGet("/trailers", async (HttpContext context) =>
            {
                await context.Response.WriteAsync("abc");
                context.Response.AppendTrailer("X-Sum", "6");
            });
        });

    private static byte[] CreateContent()
    {
        var content = new byte[Length];
        new Random(1).NextBytes(content);
        return content;
    }
}
