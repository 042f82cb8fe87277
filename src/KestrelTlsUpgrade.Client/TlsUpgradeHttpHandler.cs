using System.Diagnostics.Metrics;
using KestrelTlsUpgrade.Client.Internal;
using KestrelTlsUpgrade.Client.Internal.Sending;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KestrelTlsUpgrade.Client;

/// <summary>
/// A message handler for <see cref="HttpClient"/> that sends <c>http://</c> requests over connections that are upgraded to TLS (RFC 2817).
/// <c>https://</c> requests are sent as usual. <see cref="SocketsHttpHandler"/> pools and uses the connections.
/// </summary>
/// <remarks>
/// If the server offers <c>https://</c>, prefer that (RFC 9325 section 3.2). Reuse one handler for a long time and share it: it owns its
/// connection pools.
/// </remarks>
public sealed class TlsUpgradeHttpHandler : HttpMessageHandler
{
    private readonly InnerHandlers _handlers;
    private readonly RequestSender _sender;

    /// <summary>Creates a handler with the default settings: <see cref="TlsUpgradeMode.Required"/>.</summary>
    public TlsUpgradeHttpHandler()
        : this(new TlsUpgradeClientOptions())
    {
    }

    /// <summary>Creates a handler.</summary>
    /// <param name="options">The settings. They must not be changed afterwards.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A setting is invalid; the message lists every invalid setting.</exception>
    public TlsUpgradeHttpHandler(TlsUpgradeClientOptions options)
        : this(options, NullLoggerFactory.Instance)
    {
    }

    /// <summary>Creates a handler that logs.</summary>
    /// <param name="options">The settings. They must not be changed afterwards.</param>
    /// <param name="loggerFactory">Creates the logger, which reports the outcome of each upgrade at debug level.</param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A setting is invalid; the message lists every invalid setting.</exception>
    public TlsUpgradeHttpHandler(TlsUpgradeClientOptions options, ILoggerFactory loggerFactory)
        : this(options, CreateLogger(loggerFactory), new ServerMemory(), meters: null)
    {
    }

    /// <summary>Creates the handler of a factory's client, with the settings of the application's own handler, which is not used itself.</summary>
    internal TlsUpgradeHttpHandler(
        TlsUpgradeClientOptions options, ILogger logger, ServerMemory memory, IMeterFactory? meters, SocketsHttpHandler? configured = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var failures = TlsUpgradeClientOptionsValidator.Validate(options);
        if (failures.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", failures), nameof(options));
        }

        _handlers = new InnerHandlers(options, logger, meters, configured);
        _sender = new RequestSender(options, _handlers, memory, logger);
    }

    /// <summary>The client of a factory that the handler was made for.</summary>
    internal string? ClientName { get; init; }

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _sender.SendAsync(request, async: false, cancellationToken).GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!ExecutionContext.IsFlowSuppressed())
        {
            return _sender.SendAsync(request, async: true, cancellationToken);
        }

        // Connections find their request through the execution context. Nothing is added to the caller's own context.
        ExecutionContext.RestoreFlow();
        try
        {
            return _sender.SendAsync(request, async: true, cancellationToken);
        }
        finally
        {
            ExecutionContext.SuppressFlow();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _handlers.Dispose();
        }

        base.Dispose(disposing);
    }

    private static ILogger CreateLogger(ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(loggerFactory);
        return loggerFactory.CreateLogger<TlsUpgradeHttpHandler>();
    }
}
