using System.Globalization;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Report;

/// <summary>How requests for the report are answered.</summary>
public sealed class ReportAnswerTests
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

    [Theory]
    [InlineData("", "", "application/json; charset=utf-8")]
    [InlineData("", "*/*", "application/json; charset=utf-8")]
    [InlineData("", "application/json", "application/json; charset=utf-8")]
    [InlineData("", "text/html", "text/html; charset=utf-8")]
    [InlineData("", Browser, "text/html; charset=utf-8")]
    [InlineData("?format=json", Browser, "application/json; charset=utf-8")]
    [InlineData("?format=html", "application/json", "text/html; charset=utf-8")]
    [InlineData("?format=xml", Browser, "text/html; charset=utf-8")]
    public async Task Format_IsWhatTheClientLikes(string query, string accept, string expected)
    {
        await using var server = await ReportServer.StartAsync();
        var response = await SendAsync(server, "GET", query, accept.Length == 0 ? "" : $"Accept: {accept}\r\n");
        Assert.Equal((200, expected, "Accept"), (response.Status, response["Content-Type"], response["Vary"]));
        Assert.StartsWith(expected.StartsWith("text", StringComparison.Ordinal) ? "<!DOCTYPE html>" : "{", response.Content);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("html")]
    public async Task Head_HasTheFieldsOfGetAndNoContent(string format)
    {
        await using var server = await ReportServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"HEAD /tls?format={format} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var head = await connection.ReadResponseAsync(toHead: true);
        Assert.Equal(200, head.Status);
        Assert.True(int.Parse(head["Content-Length"]!, CultureInfo.InvariantCulture) > 1000);

        // What comes next is the next answer.
        await connection.SendAsync($"GET /tls?format={format} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal(200, response.Status);
        Assert.Equal(
            response.Fields.Select(static field => field.Name).Order(),
            head.Fields.Select(static field => field.Name).Order());
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("get")]
    public async Task OtherMethods_AreNotAllowed(string method)
    {
        await using var server = await ReportServer.StartAsync();
        var response = await SendAsync(server, method, "", "Content-Length: 0\r\n");
        Assert.Equal((405, "GET, HEAD"), (response.Status, response["Allow"]));
    }

    [Theory]
    [InlineData("json")]
    [InlineData("html")]
    public async Task Answer_IsNotKept_AndNothingOfItRunsElsewhere(string format)
    {
        await using var server = await ReportServer.StartAsync();
        var response = await SendAsync(server, "GET", $"?format={format}");
        Assert.Equal(
            ("no-store", "nosniff", "no-referrer"),
            (response["Cache-Control"], response["X-Content-Type-Options"], response["Referrer-Policy"]));
        Assert.StartsWith("default-src 'none';", response["Content-Security-Policy"]);
        Assert.Contains("frame-ancestors 'none'", response["Content-Security-Policy"]);
        Assert.DoesNotContain("unsafe", response["Content-Security-Policy"]);
    }

    [Fact]
    public async Task Nonce_IsAnotherEachTime_AndThatOfThePage()
    {
        await using var server = await ReportServer.StartAsync();
        var nonces = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            var response = await SendAsync(server, "GET", "?format=html");
            var nonce = response["Content-Security-Policy"]!.Split("script-src 'nonce-")[1].Split('\'')[0];
            Assert.Equal(32, nonce.Length);
            Assert.True(nonces.Add(nonce));
            Assert.Contains($"style-src 'nonce-{nonce}'", response["Content-Security-Policy"]);
            Assert.Contains($"<script nonce=\"{nonce}\">", response.Content);
            Assert.Contains($"<style nonce=\"{nonce}\">", response.Content);
        }
    }

    [Theory]
    [InlineData("x</td><script>alert(1)</script>")]
    [InlineData("x\"onmouseover=\"alert(1)")]
    [InlineData("'onclick='alert(1)")]
    [InlineData("&lt;script&gt;")]
    public async Task HostileUserAgent_IsTextOnThePage(string userAgent)
    {
        await using var server = await ReportServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET /x HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {userAgent}\r\n\r\n");
        await connection.ReadResponseAsync();
        var page = (await SendAsync(server, "GET", "?format=html")).Content;
        Assert.DoesNotContain(userAgent, page);
        Assert.DoesNotContain("alert(1)", page);
        Assert.Single(page.Split("<script").Skip(1));
        Assert.Single(ReportServer.Read(server).Callers.All);
    }

    private static async Task<RawResponse> SendAsync(UpgradeServer server, string method, string query, string fields = "")
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"{method} /tls{query} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        return await connection.ReadResponseAsync();
    }
}
