using System.Net.Security;
using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>What clients say that decide every byte, and what they come to.</summary>
internal static class RawTalk
{
    private const string Last = "GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    /// <summary>Upgrades and reads the answer to that, and then that to another request, which ends the connection.</summary>
    public static async Task<string> UpgradeAsync(this RawConnection connection, string request, bool hasLast = true)
    {
        await connection.SendAsync(request);
        await connection.AnswerAsync(101);
        await connection.StartTlsAsync();
        if (hasLast)
        {
            // Without waiting for the answer that is on its way: both directions have something to say.
            await connection.SendAsync(Last);
        }

        var answers = await connection.AnswerAsync() + (hasLast ? await connection.AnswerAsync() : "");
        return answers + await connection.EndAsync();
    }

    public static async Task<string> UpgradeLaterAsync(this RawConnection connection)
    {
        await connection.SendAsync("GET /before HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return await connection.AnswerAsync() + await connection.UpgradeAsync(Request());
    }

    public static async Task<string> DirectAsync(this RawConnection connection)
    {
        await connection.StartTlsAsync(alpn: [SslApplicationProtocol.Http11]);
        await connection.SendAsync("GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n" + Last);
        return await connection.AnswerAsync() + await connection.AnswerAsync() + await connection.EndAsync();
    }

    public static async Task<string> DeclinedAsync(this RawConnection connection)
    {
        await connection.SendAsync(Request(token: "TLS/9.9"));
        var declined = await connection.AnswerAsync();
        await connection.SendAsync(Last);
        return declined + await connection.AnswerAsync() + await connection.EndAsync();
    }

    /// <summary>Is told to upgrade, and does, on the same connection.</summary>
    public static async Task<string> RequiredAsync(this RawConnection connection)
    {
        await connection.SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await connection.AnswerAsync(426);
        return await connection.UpgradeAsync(Request(target: "/secret"));
    }

    public static async Task<string> KeepAliveAsync(this RawConnection connection)
    {
        await connection.SendAsync(
            "POST /post HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n\r\ncontent"
            + "POST /chunks HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n7\r\ncontent\r\n0\r\n\r\n" + Last);
        return await connection.AnswerAsync() + await connection.AnswerAsync() + await connection.AnswerAsync() + await connection.EndAsync();
    }

    /// <summary>Has a tunnel opened to where everything is sent back.</summary>
    public static async Task<string> EchoAsync(this RawConnection connection, string authority)
    {
        await connection.OpenTunnelAsync(authority);
        var echo = "";
        foreach (var words in new[] { "these are words, ", new string('w', 100), " and these the last" })
        {
            await connection.SendAsync(words);
            echo += System.Text.Encoding.Latin1.GetString(await connection.ReadAsync(words.Length));
        }

        connection.Shutdown();
        return echo + await connection.ReadToEndAsync();
    }

    /// <summary>The same with much that is under way in both directions at once.</summary>
    public static async Task<byte[]> EchoAsync(this RawConnection connection, string authority, byte[] content)
    {
        await connection.OpenTunnelAsync(authority);
        var sending = connection.SendAsync(content);

        // If reading fails, the sending fails with the connection, and nobody waits for it.
        _ = sending.ContinueWith(static sent => sent.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        var echo = await connection.ReadAsync(content.Length);
        await sending;
        connection.Shutdown();
        Assert.Equal("", await connection.ReadToEndAsync());
        return echo;
    }

    private static async Task OpenTunnelAsync(this RawConnection connection, string authority)
    {
        await connection.SendAsync($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        await connection.AnswerAsync(200, hasContent: false);
    }

    private static async Task<string> AnswerAsync(this RawConnection connection, int expected = 200, bool hasContent = true)
    {
        var response = await connection.ReadResponseAsync(toHead: !hasContent);
        if (response.Status != expected && GivenUpException.IsSaidBy(response.Status))
        {
            throw new GivenUpException(response.Status);
        }

        Assert.Equal(expected, response.Status);
        return $"{response.Content}|";
    }

    /// <summary>The end of TLS tells that there is no more to come; that of clear text is as good as any.</summary>
    private static async Task<string> EndAsync(this RawConnection connection)
    {
        Assert.Equal("", await connection.ReadToEndAsync());
        return connection.Tls is null ? "end" : connection.GotCloseNotify ? "close_notify" : throw new EndOfStreamException("No close_notify.");
    }
}
