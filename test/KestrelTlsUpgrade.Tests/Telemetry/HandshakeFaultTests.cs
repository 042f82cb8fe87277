using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Connections;
using TlsStart = KestrelTlsUpgrade.Internal.Telemetry.TlsStart;

namespace KestrelTlsUpgrade.Tests.Telemetry;

/// <summary>What OpenSSL's numbers mean. That these are the numbers is for the tests with real clients to say.</summary>
public sealed class HandshakeFaultTests
{
    [Theory]
    [InlineData(258, FailureCause.NoSharedVersion)]
    [InlineData(1070, FailureCause.NoSharedVersion)]
    [InlineData(101, FailureCause.NoSharedCipher)]
    [InlineData(118, FailureCause.NoSharedCipher)]
    [InlineData(193, FailureCause.NoSharedCipher)]
    [InlineData(1041, FailureCause.ClientAlert)]
    [InlineData(1042, FailureCause.ClientRejectedCertificate)]
    [InlineData(1046, FailureCause.ClientRejectedCertificate)]
    [InlineData(1047, FailureCause.ClientAlert)]
    [InlineData(1048, FailureCause.ClientRejectedCertificate)]
    [InlineData(1049, FailureCause.ClientAlert)]
    [InlineData(1000, FailureCause.ClientAlert)]
    [InlineData(1255, FailureCause.ClientAlert)]
    [InlineData(999, FailureCause.HandshakeFailed)]
    [InlineData(1256, FailureCause.HandshakeFailed)]
    [InlineData(244, FailureCause.HandshakeFailed)]
    internal void Find_ReasonOfOpenSsl_IsItsCause(int reason, FailureCause expected) =>
        Assert.Equal(expected, Find(new AuthenticationException("", new NumberedException((20 << 23) | reason))));

    [Fact]
    public void Find_NumberOfAnotherLibrary_SaysNothing() =>
        Assert.Equal(FailureCause.HandshakeFailed, Find(new AuthenticationException("", new NumberedException((21 << 23) | 258))));

    [Fact]
    public void Find_WithoutNumbers_GoesByTheKind()
    {
        Assert.Equal(FailureCause.Reset, Find(new ConnectionResetException("")));
        Assert.Equal(FailureCause.Closed, Find(new IOException()));
        Assert.Equal(FailureCause.HandshakeFailed, Find(new AuthenticationException()));
        Assert.Equal(FailureCause.HandshakeFailed, Find(new InvalidOperationException()));
        Assert.Equal(FailureCause.HandshakeFailed, Find(null));
    }

    [Fact]
    public void Find_EndAfterTheServersAnswer_IsACauseOfItsOwn()
    {
        Assert.Equal(FailureCause.GoneAfterCertificate, FindAnswered(new ConnectionResetException("")));
        Assert.Equal(FailureCause.GoneAfterCertificate, FindAnswered(new IOException()));
        Assert.Equal(
            FailureCause.ClientRejectedCertificate, FindAnswered(new AuthenticationException("", new NumberedException((20 << 23) | 1048))));
        Assert.Equal(FailureCause.HandshakeFailed, FindAnswered(new AuthenticationException()));
        Assert.Equal(FailureCause.Aborted, FindAnswered(new ConnectionAbortedException()));

        static FailureCause FindAnswered(Exception failure) =>
            HandshakeFailure.Find(Watch(TlsStart.FirstRequest, trace => { trace.IsAnswered = true; trace.Failure = failure; }));
    }

    [Fact]
    public void Find_WhatWasSeen_GoesFirst()
    {
        var failure = new AuthenticationException("", new NumberedException((20 << 23) | 258));
        Assert.Equal(FailureCause.PlaintextAfter101, HandshakeFailure.Find(Refused(TlsStart.LaterRequest, FailureCause.PlaintextAfter101)));
        Assert.Equal(FailureCause.MarkMismatch, HandshakeFailure.Find(Refused(TlsStart.FirstRequest, FailureCause.MarkMismatch)));
        Assert.Equal(FailureCause.NoSharedVersion, HandshakeFailure.Find(Watch(TlsStart.FirstRequest, trace => { trace.Failure = failure; })));
        Assert.Equal(
            FailureCause.ClientCertificateRejected,
            HandshakeFailure.Find(Watch(TlsStart.FirstRequest, trace => { trace.CertificateFault = FailureCause.ClientCertificateRejected; trace.Failure = failure; })));
        Assert.Equal(FailureCause.Timeout, HandshakeFailure.Find(Watch(TlsStart.FirstRequest, trace => { trace.IsTimedOut = true; })));
        Assert.Equal(
            FailureCause.Aborted,
            HandshakeFailure.Find(Watch(TlsStart.FirstRequest, trace => { trace.IsTimedOut = true; trace.Failure = new ConnectionAbortedException(); })));
        Assert.Equal(FailureCause.ClientAlert, HandshakeFailure.Find(Refused(TlsStart.FirstRequest, FailureCause.ClientAlert)));
    }

    [Fact]
    public void Find_CertificateRequired_OnlyWhatSaysNothingElseIsItsLack()
    {
        Assert.Equal(FailureCause.ClientCertificateMissing, FindRequired(new AuthenticationException()));
        Assert.Equal(FailureCause.NoSharedVersion, FindRequired(new AuthenticationException("", new NumberedException((20 << 23) | 258))));
        Assert.Equal(FailureCause.Closed, FindRequired(new IOException()));

        static FailureCause FindRequired(Exception failure) =>
            HandshakeFailure.Find(Watch(TlsStart.FirstRequest, trace => { trace.RequiresCertificate = true; trace.Failure = failure; }));
    }

    [Fact]
    public void Words_OfEveryCause_SayWhatToDo()
    {
        foreach (var cause in Enum.GetValues<FailureCause>().Where(static cause => cause is > FailureCause.None and <= FailureCause.HandshakeFailed))
        {
            var words = FailureDescription.Of(cause).Explain(Watch(TlsStart.FirstRequest, trace => { trace.Enabled = SslProtocols.Tls13; }));
            Assert.EndsWith(".", words, StringComparison.Ordinal);
            Assert.DoesNotContain("None", words, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(40, "(handshake_failure)")]
    [InlineData(41, "(alert 41)")]
    [InlineData(null, "(not identified)")]
    public void Words_OfAnAlertInPlaceOfAClientHello_NameIt(int? alert, string expected) => Assert.Contains(
        expected,
        FailureDescription.Of(FailureCause.ClientAlert).Explain(Watch(TlsStart.FirstRequest, trace => { trace.BeganWithAlert = true; trace.FirstAlert = (byte?)alert; })),
        StringComparison.Ordinal);

    private static HandshakeTrace Watch(TlsStart start, Action<HandshakeTrace> change)
    {
        var trace = HandshakeWatches.Create(start);
        change(trace);
        return trace;
    }

    private static HandshakeTrace Refused(TlsStart start, FailureCause cause) => Watch(start, trace =>
    {
        trace.RequiresCertificate = true;
        trace.Failure = new IOException();
        trace.Refusal = cause;
    });

    private static FailureCause Find(Exception? failure) =>
        HandshakeFailure.Find(Watch(TlsStart.FirstRequest, trace => { trace.Failure = failure; }));

    private sealed class NumberedException : Exception
    {
        public NumberedException(int number) => HResult = number;
    }
}
