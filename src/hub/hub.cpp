#include "hub/hub.hpp"
