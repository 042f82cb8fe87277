using System.IO.Pipelines;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Fallback;

/// <summary>
/// The accepted offer of a caller of which it is not certain yet that TLS works for it. Many clients check the server's name, or the whole
/// certificate, after the handshake. So it works once the client sends its next request; until then, it shows by how the client leaves.
/// </summary>
/// <param name="memory">Where the outcome is kept.</param>
/// <param name="key">The caller, and the host that it asked for.</param>
/// <param name="sharedKey">The key under which other instances learn of the outcome, if they do.</param>
internal sealed class FallbackTrial(FallbackMemory memory, FallbackKey key, string? sharedKey)
{
    private PipeReader? _transport;
    private Subject? _subject;
    private bool _hasHeard;
    private bool _hasEnded;
    private volatile bool _isOver;

    /// <summary>Whether the outcome is known, or the handshake has failed.</summary>
    public bool IsOver => _isOver;

    public FallbackKey Key => key;

    public string? SharedKey => sharedKey;

    /// <summary>The upgrade was not carried out, or says nothing.</summary>
    public void Abandon()
    {
        Settle();
        memory.Abandon(this);
    }

    /// <summary>The handshake failed.</summary>
    public void Fail(ConnectionContext connection, UpgradeRequest request, FailureCause cause, Exception? failure, SettingsSnapshot settings) =>
        Fail(new(connection, request.UserAgent, request.Host, settings), cause, failure);

    /// <summary>The handshake begins.</summary>
    /// <param name="transport">The transport's input.</param>
    /// <returns>The same input, for TLS.</returns>
    public PipeReader Begin(PipeReader transport)
    {
        _transport = transport;
        return new TrialTransport(transport, this);
    }

    /// <summary>The handshake has completed. Watches what the client does next.</summary>
    /// <param name="input">What TLS receives.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="request">The request that was upgraded.</param>
    /// <param name="settings">The settings of its 101.</param>
    /// <returns>The same input.</returns>
    public PipeReader Watch(PipeReader input, ConnectionContext connection, UpgradeRequest request, SettingsSnapshot settings)
    {
        _subject = new(connection, request.UserAgent, request.Host, settings);
        return new TrialReader(input, this);
    }

    /// <summary>Something has arrived from the client.</summary>
    public void Hear() => _hasHeard |= _subject is not null;

    /// <summary>The client has ended TLS, or the connection.</summary>
    public void SeeEnd() => _hasEnded = true;

    /// <summary>The answer begins. A client that has closed the connection by now has not waited for it.</summary>
    public void AnswerBegins()
    {
        if (FindEnd() is End.Closed or End.Reset)
        {
            Fail();
        }
    }

    /// <summary>The answer was cut, by the application or because the client has left.</summary>
    public void AnswerIsCut()
    {
        if (FindEnd() is End.Reset)
        {
            Fail();
        }
        else if (!_isOver)
        {
            Abandon();
        }
    }

    /// <summary>The client goes on over TLS.</summary>
    public void Succeed()
    {
        if (Settle() is not null)
        {
            memory.Succeed(this, isCertain: true);
        }
    }

    /// <summary>The client has left: with an alert or a reset, or before the answer.</summary>
    public void Fail()
    {
        if (Settle() is { } subject)
        {
            Fail(subject, FailureCause.GoneAfterHandshake, failure: null);
        }
    }

    /// <summary>
    /// The connection has ended. A client that rejects the certificate leaves the answer unread, and so resets the connection, or closes it
    /// without close_notify.
    /// </summary>
    /// <param name="isReset">Whether the client has reset it.</param>
    public void Conclude(bool isReset)
    {
        if (isReset || (_hasEnded && !_hasHeard))
        {
            Fail();
        }
        else if (Settle() is not null)
        {
            memory.Succeed(this, isCertain: false);
        }
    }

    /// <summary>Looks whether the connection has ended. Nobody reads now: HTTP has its request, and waits for no other one before it has answered.</summary>
    private End FindEnd()
    {
        try
        {
            if (_transport is not { } transport || !transport.TryRead(out var arrived))
            {
                return End.None;
            }

            transport.AdvanceTo(arrived.Buffer.Start);
            return arrived.IsCompleted ? End.Closed : End.None;
        }
        catch (IOException)
        {
            return End.Reset;
        }
        catch (Exception exception) when (exception is InvalidOperationException or OperationCanceledException)
        {
            // Somebody does read, or the server has ended the connection. How it ends will tell.
            return End.None;
        }
    }

    private Subject? Settle()
    {
        _isOver = true;
        return Interlocked.Exchange(ref _subject, null);
    }

    private void Fail(Subject subject, FailureCause cause, Exception? failure)
    {
        _isOver = true;
        if (memory.Fail(this, FallbackCause.Of(cause, failure), out var isFirst) is not { } declined)
        {
            return;
        }

        var services = subject.Settings.Services;
        services.Observers.CallerFellBack(new(
            subject.Connection,
            subject.UserAgent,
            subject.Host,
            cause,
            services.TimeProvider.GetUtcNow() + declined,
            isFirst));
    }

    /// <summary>How a client has ended its connection.</summary>
    private enum End
    {
        None,
        Closed,
        Reset,
    }

    /// <summary>Who it is about.</summary>
    private sealed record Subject(ConnectionContext Connection, string UserAgent, string Host, SettingsSnapshot Settings);
}
