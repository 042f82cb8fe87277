using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>
/// Whether <c>UseForwardedHeaders()</c> can still make a plaintext request secure. Unless the application calls <c>UseRouting()</c>, routing
/// runs before its middleware. The answer is ASP.NET Core's own: its middleware is applied to a copy of the request, with the options that
/// the application has configured. Options passed to <c>UseForwardedHeaders(options)</c> cannot be seen.
/// </summary>
internal sealed class ForwardedScheme
{
    private readonly string[] _names;
    private readonly ForwardedHeadersMiddleware? _middleware;

    public ForwardedScheme(IOptions<ForwardedHeadersOptions> options)
    {
        var configured = options.Value;
        _names =
        [
            configured.ForwardedProtoHeaderName, configured.ForwardedForHeaderName, configured.ForwardedHostHeaderName,
            configured.ForwardedPrefixHeaderName,
        ];
        if (!Array.Exists(_names, string.IsNullOrWhiteSpace))
        {
            var applied = configured.ForwardedHeaders.HasFlag(ForwardedHeaders.XForwardedProto) ? configured : AssumeFrom(configured);
            _middleware = new(static _ => Task.CompletedTask, NullLoggerFactory.Instance, Options.Create(applied));
        }
    }

    /// <summary>
    /// Takes down the sender of a request and its forwarded headers. Must run before any other middleware: what
    /// <c>UseForwardedHeaders()</c> leaves of the headers, and the address that it puts in place of the proxy's, say nothing about the sender.
    /// </summary>
    public void Note(HttpContext context)
    {
        if (_middleware is null || !context.Request.Headers.TryGetValue(_names[0], out var schemes))
        {
            return;
        }

        var headers = context.Request.Headers;
        context.Features.Set(new Sender(
            context.Connection.RemoteIpAddress, context.Connection.RemotePort, schemes, headers[_names[1]], headers[_names[2]], headers[_names[3]]));
    }

    /// <summary>Whether the forwarded headers, once applied, make a request secure: a known proxy has sent them, and they say https.</summary>
    public bool CanSecure(HttpContext context)
    {
        if (_middleware is null || context.Features.Get<Sender>() is not { } sender)
        {
            return false;
        }

        var copy = new DefaultHttpContext();
        copy.Connection.RemoteIpAddress = sender.Address;
        copy.Connection.RemotePort = sender.Port;
        copy.Request.Scheme = "http";
        copy.Request.Headers[_names[0]] = sender.Schemes;
        copy.Request.Headers[_names[1]] = sender.Senders;
        copy.Request.Headers[_names[2]] = sender.Hosts;
        copy.Request.Headers[_names[3]] = sender.Prefixes;
        _middleware.ApplyForwarders(copy);
        return copy.Request.IsHttps;
    }

    /// <summary>Whether the sender of a request reports https, trusted or not.</summary>
    public static bool IsHttpsReported(HttpContext context) =>
        context.Features.Get<Sender>()?.Schemes.ToString() is { } schemes
        && schemes.AsSpan(schemes.LastIndexOf(',') + 1).Trim().Equals("https", StringComparison.OrdinalIgnoreCase);

    /// <summary>The address of the sender of forwarded headers, or <see langword="null"/> if it has none.</summary>
    public static EndPoint? FindSender(HttpContext context) =>
        context.Features.Get<Sender>() is { Address: { } address } sender ? new IPEndPoint(address, sender.Port) : null;

    /// <summary>
    /// The options of an application that configures none for the scheme: it may pass them in code. The proxies that it has configured are
    /// known, and loopback if it has configured none.
    /// </summary>
    private static ForwardedHeadersOptions AssumeFrom(ForwardedHeadersOptions configured)
    {
        var assumed = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedProto,
            ForwardedProtoHeaderName = configured.ForwardedProtoHeaderName,
            ForwardLimit = configured.ForwardLimit,
        };
        if (configured.KnownProxies.Count > 0 || configured.KnownIPNetworks.Count > 0)
        {
            assumed.KnownProxies.Clear();
            assumed.KnownIPNetworks.Clear();
            foreach (var proxy in configured.KnownProxies)
            {
                assumed.KnownProxies.Add(proxy);
            }

            foreach (var network in configured.KnownIPNetworks)
            {
                assumed.KnownIPNetworks.Add(network);
            }
        }

        return assumed;
    }

    /// <summary>Who has sent a request, and its forwarded headers as they came.</summary>
    private sealed record Sender(
        IPAddress? Address, int Port, StringValues Schemes, StringValues Senders, StringValues Hosts, StringValues Prefixes);
}
