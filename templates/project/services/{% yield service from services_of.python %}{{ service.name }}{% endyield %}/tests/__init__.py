"""Tests of this service, without anything that it talks to, unless a test says otherwise."""
